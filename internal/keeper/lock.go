package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/internal/durable"
)

// ErrLockLost says that a process had locked the store, and that another may
// have it now: the file of the lock was removed or replaced.
var ErrLockLost = errors.New("checkpoint: the lock of the store is lost")

// A fileLock is a file that is locked as long as it is open.
type fileLock struct {
	file    *os.File
	path    string
	release func() error // what there is to do when the file has been closed; may be nil
}

func (l *fileLock) held() error {
	mine, err := l.file.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, e := os.Stat(filepath.Dir(l.path)); e != nil {
			return err // the whole store is away
		}
		return fmt.Errorf("%w: somebody has removed %s, and another process may use the store", ErrLockLost, l.path)
	}
	if err == nil && !os.SameFile(mine, now) {
		err = fmt.Errorf("%w: %s is another file than the one that was locked, and another process may use the store", ErrLockLost, l.path)
	}
	return err
}

func (l *fileLock) unlock() error {
	err := durable.CloseLocked(l.file)
	if l.release != nil {
		err = errors.Join(err, l.release())
	}
	return err
}
