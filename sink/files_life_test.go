package sink_test

import (
	"slices"
	"testing"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A life is what becomes of a sink in several processes, of two instances each.
type life struct {
	t         *testing.T
	open      func() stream.Sink[string]
	events    []stream.Event[string]
	id        int64
	committer stream.Committer
	writers   []stream.Writer[string]
	at        int      // how many events have been written
	prepared  [][]byte // since the last checkpoint that is durable

	// The last checkpoint that is durable.
	durable         int64
	durableAt       int
	durablePrepared [][]byte
}

// step does what a letter says, as in sinktest: write, prepare, a durable
// checkpoint, commit, kill.
func (l *life) step(step rune) error {
	switch step {
	case 'w':
		return l.write(5)
	case 'p', 'd':
		return l.prepare(step == 'd')
	case 'c':
		return l.committer.Commit(l.t.Context(), l.durable, l.durablePrepared)
	case 'k':
		return l.begin()
	case 'e':
		if err := l.write(len(l.events)); err != nil {
			return err
		}
		return l.advance(window.MaxTime)
	}
	panic(step)
}

func (l *life) begin() error {
	l.at, l.prepared, l.writers, l.committer = l.durableAt, nil, nil, nil
	c, err := l.open().(stream.TransactionalSink[string]).OpenCommitter(committing(l.t))
	if err != nil {
		return err
	}
	l.committer = c
	if l.durablePrepared != nil {
		if err := c.Commit(l.t.Context(), l.durable, l.durablePrepared); err != nil {
			return err
		}
	}
	if err := c.Abort(l.t.Context(), l.durable); err != nil {
		return err
	}
	for i := range 2 {
		x := committing(l.t)
		x.Instance, x.Count = i, 2
		w, err := l.open().Open(x)
		if err != nil {
			return err
		}
		l.writers = append(l.writers, w)
	}
	return nil
}

func (l *life) write(n int) error {
	for _, e := range l.events[l.at:min(l.at+n, len(l.events))] {
		b := stream.NewIntake[string](1)
		b.AppendAt(e.Value, e.Time)
		if err := l.writers[l.at%2].Write(l.t.Context(), b.Batch()); err != nil {
			return err
		}
		if l.at%5 == 4 {
			if err := l.advance(e.Time); err != nil {
				return err
			}
		}
		l.at++
	}
	return nil
}

func (l *life) advance(wm stream.Time) error {
	for _, w := range l.writers {
		if err := w.(stream.WatermarkWriter).Advance(l.t.Context(), wm); err != nil {
			return err
		}
	}
	return nil
}

func (l *life) prepare(durable bool) error {
	l.id++
	for _, w := range l.writers {
		if err := w.Flush(l.t.Context()); err != nil {
			return err
		}
		data, err := w.(stream.Preparer).Prepare(l.t.Context())
		if err != nil {
			return err
		}
		if data != nil {
			l.prepared = append(l.prepared, data)
		}
	}
	if durable {
		l.durable, l.durableAt, l.durablePrepared = l.id, l.at, l.prepared
		l.prepared = nil
	}
	return nil
}

// close closes all, as Run does after a failure.
func (l *life) close() {
	for _, w := range l.writers {
		_ = w.Close() // it may fail again
	}
	if l.committer != nil {
		_ = l.committer.Close()
	}
}

// want returns the lines that have to be there at the end.
func (l *life) want() (all []string) {
	for _, e := range l.events {
		all = append(all, e.Value)
	}
	slices.Sort(all)
	return all
}
