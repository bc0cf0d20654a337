package engine

import (
	"context"
	"slices"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A savedSource is how far a partition had been read when the task was saved.
type savedSource struct {
	keeper.Source
	part    *Partition // nil for one that has not come in this run
	leaving bool       // nothing more is read of it
}

func (l *reading) offsets() (all []savedSource, err error) {
	l.op.Enter()
	for _, p := range slices.Concat(l.task.parts, l.stillLeaving()) {
		s, err := p.save()
		if err != nil {
			return nil, err
		}
		if err := l.task.rt.writable("offset", s.Offset); err != nil {
			return nil, &OperatorError{Operator: l.op.Node.Name, Position: p.Name, Err: err}
		}
		all = append(all, s)
	}
	if l.moves != nil && l.op.Index() == 0 {
		for _, s := range l.moves.missing() {
			all = append(all, savedSource{Source: s})
		}
	}
	return all, nil
}

func (p *Partition) save() (savedSource, error) {
	offset, err := p.offset()
	return savedSource{keeper.Source{
		Operator: p.Source, Partition: p.Name, Offset: offset,
		Index: p.index, Count: p.Count, Done: p.Done, Watermark: int64(p.Promised),
	}, p, p.leaving}, err
}

// offset asks the reader for its offset. A panic is an error that names the partition: the operators behind the source may
// be those at work. Where the reader ends the goroutine, task.fault names it.
func (p *Partition) offset() (offset string, err error) {
	defer func() {
		if err != nil {
			err = &OperatorError{Operator: p.Source, Position: p.Name, Err: err}
		}
	}()
	defer Rescue(&err)
	p.telling = true
	offset = p.Reader.Offset()
	p.telling = false
	return offset, nil
}

// close closes the readers that are still open.
func (l *reading) close() (err error) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.closed = true
	for _, p := range slices.Concat(l.task.parts, l.stillLeaving()) {
		if e := Apart(p.Reader.Close); e != nil && err == nil {
			err = e
		}
	}
	return err
}

// acknowledge tells the readers that what lies before their offsets is durable,
// and lets those go that have left. It is called by the goroutine of the checkpoints.
func (l *reading) acknowledge(ctx context.Context, at []savedSource) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.closed { // the run has been cut off
		return nil
	}
	for _, s := range at {
		if s.part == nil {
			continue
		}
		told := l.tell(ctx, s)
		if s.leaving && told && !s.part.released.Load() {
			if err := l.moves.release(s.part); err != nil {
				return l.op.Failure(err)
			}
		}
	}
	return nil
}

// tell reports whether the reader knows now, or need not.
func (l *reading) tell(ctx context.Context, s savedSource) bool {
	c, ok := s.part.Reader.(acknowledger)
	if !ok {
		return true
	}
	err := ended(ctx)
	if err == nil {
		err = because(ctx, Apart(func() error { return c.Commit(ctx, s.Offset) }))
	}
	if err != nil {
		l.op.Logger().Warn("an offset could not be acknowledged", "partition", s.Partition, "offset", s.part.shown(s.Offset), "cause", err)
	}
	return err == nil
}
