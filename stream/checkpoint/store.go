package checkpoint

import (
	"errors"
	"fmt"
)

// A Store holds files by name. Its methods may be called by several
// goroutines at once.
//
// Names consist of lower case letters, digits, dots and hyphens, begin with
// a letter, and are no longer than 100 bytes.
type Store interface {
	// Write stores what the parts make up, one behind the other, under name,
	// in place of what was there. It is there whole or not at all, and when
	// Write has returned nil it survives a crash of the machine. The parts are
	// not changed, and not used after Write.
	Write(name string, parts ...[]byte) error
	// Read returns what was stored, and an error that is fs.ErrNotExist
	// if there is nothing.
	Read(name string) ([]byte, error)
	// List returns the names of all that is stored, in ascending order.
	List() ([]string, error)
	// Remove removes what is stored under name, if anything.
	Remove(name string) error
	// Lock keeps other processes, and other users in this one, from locking
	// the store until unlock is called or the process ends. It returns
	// ErrLocked where somebody has.
	Lock() (unlock func() error, err error)
}

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
