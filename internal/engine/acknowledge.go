package engine

import (
	"context"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

func (l *reading) offsets() []checkpoint.Source {
	l.op.Enter()
	var all []checkpoint.Source
	for i, p := range l.task.parts {
		all = append(all, checkpoint.Source{
			Operator: p.Source, Partition: p.Name, Offset: l.readers[i].Offset(),
			Index: p.index, Count: p.Count, Done: p.Done, Watermark: int64(p.Promised),
		})
	}
	return all
}

func (l *reading) close(r reader) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.closed = true
	return r.Close()
}

// acknowledge tells the readers that what lies before their offsets is durable.
// It is called by the goroutine of the checkpoints.
func (l *reading) acknowledge(ctx context.Context, at []checkpoint.Source) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.closed { // the run has been cut off
		return
	}
	for i, s := range at {
		c, ok := l.readers[i].(acknowledger)
		if !ok {
			continue
		}
		err := ended(ctx)
		if err == nil {
			err = because(ctx, Apart(func() error { return c.Commit(ctx, s.Offset) }))
		}
		if err != nil {
			l.op.Logger().Warn("an offset could not be acknowledged", "partition", s.Partition, "offset", s.Offset, "cause", err)
		}
	}
}
