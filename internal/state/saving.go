package state

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/window"
)

// Version is that of what holders write. It changes when a state
// that was written before can no longer be read.
const Version = 1

// A Holder is a part of an operator that has state. It is called by the
// goroutine of its task: Save behind a barrier, Restore before the first event.
type Holder interface {
	Save(*Saving) error
	Restore(*Restoring) error
}

// A Checker says whether a type can be encoded.
type Checker interface {
	Check() error
	Types() reflect.Type // of the records that the state consists of; nil if nothing is known of them
}

// Saving is where an instance puts its state: what belongs to keys by group,
// and the rest, which belongs to the instance as a whole. A buffer that is not
// empty has room for the head of a section in front.
type Saving struct {
	Groups [Groups][]byte
	Whole  []byte
	Keys   int64
	Later  []func() // encode what has been copied
	Kept   bool     // who has encoded it keeps the groups for the next time
	Err    error    // of encoding
}

// Group returns the buffer of the group that a key hash belongs to.
func (s *Saving) Group(hash uint64) *[]byte {
	return Begin(&s.Groups[keyhash.Group(hash, Groups)])
}

// Rest returns the buffer of what belongs to no key.
func (s *Saving) Rest() *[]byte { return Begin(&s.Whole) }

// Restoring is the state that an instance begins with: of the groups of its
// shard, and of every instance that had something as a whole.
type Restoring struct {
	Groups    [][]byte
	Whole     [][]byte
	Watermark window.Time                   // of the operator
	Had       func(hash uint64) window.Time // the watermark of the instance that had a key; nil if all had one
}
