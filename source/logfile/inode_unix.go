//go:build unix

package logfile

import (
	"io/fs"
	"syscall"
	"time"
)

const supported = true

// inodeOf returns which file info is of.
func inodeOf(info fs.FileInfo) inode {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}
	}
	return inode{uint64(st.Dev), uint64(st.Ino)}
}

// quietSince returns when a file was last written to, renamed or unlinked.
func quietSince(info fs.FileInfo) time.Time {
	at := info.ModTime()
	if c := changed(info); c.After(at) {
		at = c
	}
	return at
}
