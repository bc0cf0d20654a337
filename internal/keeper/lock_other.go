//go:build !unix

package keeper

import (
	"errors"
	"io/fs"
	"os"
)

// lock locks by making the file. Where a process was killed, the file has to
// be removed by hand.
func (disk) lock(path string) (lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return &fileLock{f, path, func() error { return os.Remove(path) }}, nil
}
