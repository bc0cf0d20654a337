// Package drive is the door between packages stream and streamtest: stream
// fills in New, and streamtest calls it.
package drive

import "time"

// A Driver runs a pipeline on the caller's goroutine, one step at a time.
type Driver interface {
	// Settle works until there is nothing left to do, or the run has failed.
	Settle() error
	// Tick calls what is due by the clock, and settles.
	Tick() error
	// Close ends the run and frees what it held.
	Close() error
}

// New makes a driver of a *stream.Pipeline.
var New func(pipeline any, shards, batch int, now func() time.Time) (Driver, error)
