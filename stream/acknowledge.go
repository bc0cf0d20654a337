package stream

import (
	"context"
	"fmt"
)

// An Acknowledger is a Reader that is told what is durable, so that it can
// acknowledge what was read.
type Acknowledger interface {
	// Commit says that a checkpoint which holds offset is durable and that its
	// results are committed. A later run asks for what lies before only if it
	// has to begin with an older checkpoint: as that one is damaged, or by
	// FromSavepoint. In a run without checkpoints it says that the sinks have flushed
	// all results of what lies before offset; what windows and operators hold
	// is lost with such a run.
	//
	// Commit may be called while another goroutine is in Read, but not while one
	// is in Close, nor after it. No checkpoint is taken while it lasts. Its
	// context ends when the run does, or when the readers of the run have taken
	// longer than StopTimeout for one checkpoint; Commit has to return then. An
	// error is logged, and the next checkpoint commits a later offset.
	Commit(ctx context.Context, offset string) error
}

// acknowledges reports a reader whose Commit nobody would call.
func acknowledges(reader any) error {
	if _, ok := reader.(interface{ Commit(string) error }); ok {
		return fmt.Errorf("%T has a method Commit(offset string) error: want Commit(ctx context.Context, offset string) error", reader)
	}
	return nil
}
