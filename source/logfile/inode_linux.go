package logfile

import (
	"io/fs"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// bornAfter reports whether f was made after the file g was. Where its file system does
// not keep that, known is false.
func (f *file) bornAfter(g *file) (after, known bool) {
	a, b := f.born(), g.born()
	return a.After(b), !a.IsZero() && !b.IsZero()
}

// born returns when the file was made, or the zero time.
func (f *file) born() time.Time {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, f.path, 0, unix.STATX_BTIME|unix.STATX_INO, &st)
	if err != nil || st.Ino != f.inode.ino || st.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec))
}

// changed returns when the inode was last changed.
func changed(info fs.FileInfo) time.Time {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Time{}
	}
	return time.Unix(int64(st.Ctim.Sec), int64(st.Ctim.Nsec))
}
