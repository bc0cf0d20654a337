package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Acknowledger is a Reader that is told what is durable, so that it can
// acknowledge what was read.
type Acknowledger interface {
	// Commit says that a checkpoint which holds offset is durable and that its
	// results are committed. A later run asks for what lies before only if it
	// has to begin with an older checkpoint: as that one is damaged, or by
	// FromSavepoint.
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

var errSlowCommit = errors.New("the readers have taken longer than StopTimeout to commit")

// acknowledging returns the context of the Commits for one checkpoint.
func (r *run) acknowledging() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(r.ctx, r.grace, errSlowCommit)
}

// acknowledge tells the readers that what lies before their offsets is durable.
// It is called by the goroutine of the checkpoints.
func (l *reading[T]) acknowledge(ctx context.Context, at []checkpoint.Source) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.closed { // the run has been cut off
		return
	}
	for i, s := range at {
		c, ok := l.readers[i].(Acknowledger)
		if !ok {
			continue
		}
		err := ended(ctx)
		if err == nil {
			err = because(ctx, guard0(func() error { return c.Commit(ctx, s.Offset) }))
		}
		if err != nil {
			l.op.logger().Warn("an offset could not be acknowledged", "partition", s.Partition, "offset", s.Offset, "cause", err)
		}
	}
}
