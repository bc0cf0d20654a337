package checkpoint

import (
	"iter"

	"github.com/freshet-go/freshet/internal/keeper"
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
	// if there is nothing. A run passes a checkpoint over whose Read fails, and takes an
	// older one; not so if the error is ErrSealed or ErrKeysAway.
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

// A SeqWriter is a Store that can be given a piece part by part. WriteSeq is Write in all else; a part is
// used before the next one is asked for, and not after.
type SeqWriter interface {
	WriteSeq(name string, parts iter.Seq[[]byte]) error
}

// A Holder is a Store that can tell whether it still has its lock. Held returns an
// error that is ErrLockLost if another process may use the store by now. It is asked before
// results of a checkpoint are shown.
type Holder interface{ Held() error }

// Dir is a store in a directory, which is made when the store is first locked
// or written to, and not again: where it has gone, as with a disk that is away, that
// is an error. It is for one pipeline. The file system has to keep a file
// that has been synced, and a name once its folder has been synced.
//
// The lock is flock(2) on the file "lock" in it, and on systems that have no flock
// the existence of that file. Nobody may remove the file while a run has the store. If
// somebody does, or puts another in its place, a second process can lock the
// store. So each Write of a process that has the lock looks whether the file is
// still the one that it has locked, and returns ErrLockLost if not. On a network file
// system flock may hold other processes of the same machine off, and not those of
// others: there a Store of your own that locks by other means is needed, or
// care that no two machines run the pipeline.
func Dir(path string) Store { return keeper.Dir(path) }

// Memory returns an empty store in memory, for tests: it outlives a run and
// not the process.
func Memory() Store { return keeper.Memory() }
