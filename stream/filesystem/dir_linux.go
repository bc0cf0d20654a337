package filesystem

import (
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

// renameat2 is the number of the system call of that name, on each processor. It
// stands here because golang.org/x/sys, which has it, costs every program that uses
// a sink 6 MB more to link.
var renameat2 = map[string]uintptr{
	"386": 353, "amd64": 316, "arm": 382, "arm64": 276, "loong64": 276,
	"ppc64": 357, "ppc64le": 357, "riscv64": 276, "s390x": 347,
}[runtime.GOARCH]

const noReplace = 1 // RENAME_NOREPLACE

// rename renames a file unless the new name is taken, in one step.
func rename(root *os.Root, from, to string) error {
	old, err := syscall.BytePtrFromString(from)
	if err != nil {
		return err
	}
	next, err := syscall.BytePtrFromString(to)
	if err != nil {
		return err
	}
	if renameat2 == 0 {
		return renameIfFree(root, from, to)
	}
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	err = raw.Control(func(dir uintptr) {
		_, _, failed = syscall.Syscall6(renameat2, dir, uintptr(unsafe.Pointer(old)), dir, uintptr(unsafe.Pointer(next)), noReplace, 0)
	})
	switch {
	case err != nil:
		return err
	case failed == syscall.EINVAL || failed == syscall.ENOSYS: // NFS, and some below FUSE
		return renameIfFree(root, from, to)
	case failed != 0:
		return failed
	}
	return nil
}

// inode returns the number of a file, and of the disk that it is on.
func inode(i fs.FileInfo) string {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return strconv.FormatUint(uint64(s.Dev), 16) + "-" + strconv.FormatUint(s.Ino, 16)
}
