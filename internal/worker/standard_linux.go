package worker

import (
	"os"
	"syscall"
)

const (
	setPipeSize = 1031 // F_SETPIPE_SZ, which package syscall does not have
	pipeSize    = 256 << 10
)

// standard takes standard input and output away from the rest of the program, C
// code included: that reads nothing, and prints to standard error.
func standard() (in, out *os.File, err error) {
	move := func(fd int, name string) (*os.File, error) {
		to, err := syscall.Dup(fd)
		if err != nil {
			return nil, os.NewSyscallError("dup", err)
		}
		syscall.CloseOnExec(to)
		// A pipe has 64 KiB, which are a few frames: who has sent more waits, and each wait costs as much as a frame. An error says that the user has
		// many pipes, and leaves it as it is.
		_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, uintptr(to), setPipeSize, pipeSize)
		return os.NewFile(uintptr(to), name), nil
	}
	if in, err = move(0, "messages in"); err != nil {
		return nil, nil, err
	}
	if out, err = move(1, "messages out"); err != nil {
		return nil, nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	if err := syscall.Dup3(int(null.Fd()), 0, 0); err != nil {
		return nil, nil, os.NewSyscallError("dup3", err)
	}
	if err := syscall.Dup3(2, 1, 0); err != nil {
		return nil, nil, os.NewSyscallError("dup3", err)
	}
	return in, out, nil
}
