//go:build !unix

package durable

import (
	"errors"
	"io/fs"
	"os"
)

// NoFollow has no meaning here.
const NoFollow = 0

// CloseLocked closes a file: there is no flock(2).
func CloseLocked(f *os.File) error { return f.Close() }

// Lock locks by making the file. Where a process was killed, it has to be removed by hand.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
}
