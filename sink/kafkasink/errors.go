package kafkasink

import (
	"fmt"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A FencedError says that a run may write and commit no more, as a later one of the same pipeline has begun. It ends the run,
// and [stream.Restarts] does not begin it again: for errors.Is it is a [checkpoint.ErrLocked].
type FencedError struct {
	Marker string // where runs note what they have committed
	Err    error  // as the brokers have it
}

// Error names the place.
func (e *FencedError) Error() string {
	return fmt.Sprintf("kafkasink: another run has taken over: %s is its own by now: %v", e.Marker, e.Err)
}

// Is reports whether target is checkpoint.ErrLocked.
func (e *FencedError) Is(target error) bool { return target == checkpoint.ErrLocked }

// Unwrap returns e.Err.
func (e *FencedError) Unwrap() error { return e.Err }

// A LostTransactionError says that the brokers have aborted a transaction which a checkpoint has promised: its records are lost. Each run
// that begins with this checkpoint fails so.
type LostTransactionError struct {
	ID         string // of the transaction
	Checkpoint int64
	Err        error // as the brokers have it
}

// Error names the transaction, the cause and the way out.
func (e *LostTransactionError) Error() string {
	return fmt.Sprintf("kafkasink: transaction %s, which checkpoint %d has promised, cannot be committed: %v: if the process was away for longer than TransactionTimeout, its records are lost; "+
		"begin anew with an empty store, or from a savepoint", e.ID, e.Checkpoint, e.Err)
}

// Unwrap returns e.Err.
func (e *LostTransactionError) Unwrap() error { return e.Err }
