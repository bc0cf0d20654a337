// Package drive is the door between packages stream and streamtest: stream
// fills in New, and streamtest calls it.
package drive

import (
	"time"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A Driver runs a pipeline while the caller waits, one step at a time.
type Driver interface {
	// Settle works until there is nothing left to do, or the run has failed.
	Settle() error
	// Tick calls what is due by the clock, and settles.
	Tick() error
	// Checkpoint settles and takes a checkpoint. It needs a store.
	Checkpoint() error
	// Close ends the run and frees what it held.
	Close() error
}

// New makes a driver of a *stream.Pipeline. The run begins with the newest
// checkpoint in the store, if that is not nil.
var New func(pipeline any, shards, batch int, now func() time.Time, store checkpoint.Store) (Driver, error)
