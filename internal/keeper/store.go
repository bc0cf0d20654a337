package keeper

import (
	"errors"
	"fmt"
)

// A Store is a checkpoint.Store, which says what its methods promise.
type Store interface {
	Write(name string, parts ...[]byte) error
	Read(name string) ([]byte, error)
	List() ([]string, error)
	Remove(name string) error
	Lock() (unlock func() error, err error)
}

// A Holder is a checkpoint.Holder.
type Holder interface{ Held() error }

// ErrLocked says that another process uses the store.
var ErrLocked = errors.New("checkpoint: the store is in use")

// checkName reports a name that a store need not take.
func checkName(name string) error {
	ok := len(name) > 0 && len(name) <= 100 && name[0] >= 'a' && name[0] <= 'z'
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'
	}
	if !ok {
		return fmt.Errorf("checkpoint: bad name %q", name)
	}
	return nil
}
