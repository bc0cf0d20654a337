package filesystem

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// rename renames a file unless the new name is taken, in one step.
func rename(root *os.Root, from, to string) error {
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var renamed error
	err = raw.Control(func(fd uintptr) {
		renamed = unix.Renameat2(int(fd), from, int(fd), to, unix.RENAME_NOREPLACE)
	})
	switch {
	case err != nil:
		return err
	case errors.Is(renamed, unix.EINVAL), errors.Is(renamed, unix.ENOSYS): // NFS, and some below FUSE
		return renameIfFree(root, from, to)
	}
	return renamed
}

// inode returns the number of a file, and of the disk that it is on.
func inode(i fs.FileInfo) string {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return strconv.FormatUint(uint64(s.Dev), 16) + "-" + strconv.FormatUint(s.Ino, 16)
}
