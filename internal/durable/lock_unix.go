//go:build unix

package durable

import (
	"errors"
	"os"
	"syscall"
)

// NoFollow has OpenFile fail at a link.
const NoFollow = syscall.O_NOFOLLOW

// Lock makes a file, with mode 0600, and locks it by flock(2), which the system lets go of when the process ends. The file stays where it is, so that
// nobody locks one that another has removed. It is ErrLocked where it is locked.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|NoFollow, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, errors.Join(err, f.Close())
	}
	return func() error { return CloseLocked(f) }, nil
}

// CloseLocked closes a file that is locked by flock(2), and lets go of the lock first. A program that this process has just begun has the
// descriptor as well, until it becomes another program: without that, the lock would last for as long.
func CloseLocked(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}
