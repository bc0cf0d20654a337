//go:build unix

package keeper

import (
	"errors"
	"os"
	"syscall"

	"github.com/freshet-go/freshet/internal/durable"
)

// lock locks by flock(2): the system lets go of it when the process ends,
// however it ends. A link is not followed: where it leads to is nobody's lock of this store.
func (disk) lock(path string) (lock, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|durable.NoFollow, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			if errors.Is(err, syscall.EWOULDBLOCK) {
				err = ErrLocked
			}
			return nil, errors.Join(err, f.Close())
		}
		l := &fileLock{file: f, path: path}
		err = l.held()
		if !errors.Is(err, ErrLockLost) {
			if err != nil {
				return nil, errors.Join(err, l.unlock())
			}
			return l, nil
		}
		_ = l.unlock() // it was removed between the two calls: the next file is the one to lock
	}
}
