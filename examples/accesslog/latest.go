package main

import (
	"context"
	"sync"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// latest keeps the newest pane of each key and window. It may be read while the
// pipeline runs.
type latest[K comparable, R any] struct {
	open stream.View[K, []stream.Pane[K, R]] // what a run that is followed holds

	mu    sync.Mutex
	panes map[paneOf[K]]stream.Pane[K, R]
}

// paneOf is of which key and window a pane is.
type paneOf[K comparable] struct {
	key   K
	start int64
}

func (l *latest[K, R]) sink() stream.Sink[stream.Pane[K, R]] { return sink.Func(l.keep) }

func (l *latest[K, R]) keep(_ context.Context, e stream.Event[stream.Pane[K, R]]) error {
	l.put(e.Value, true)
	return nil
}

// put keeps a pane, and in place of one of the same key and window only if it is newer.
func (l *latest[K, R]) put(p stream.Pane[K, R], newer bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.panes == nil {
		l.panes = map[paneOf[K]]stream.Pane[K, R]{}
	}
	of := paneOf[K]{p.Key, p.Start.UnixNano()}
	if _, known := l.panes[of]; newer || !known {
		l.panes[of] = p
	}
}

// load takes the panes of all windows that are open. A run that goes on from a checkpoint has some of which it
// emits none until they change. Those that it has emitted stay: what has changed since is emitted again.
func (l *latest[K, R]) load(ctx context.Context) error {
	for held, err := range l.open.All(ctx) {
		if err != nil {
			return err
		}
		for _, p := range held.Value {
			l.put(p, false)
		}
	}
	return nil
}

// Values returns them, in no order.
func (l *latest[K, R]) Values() (all []stream.Pane[K, R]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.panes {
		all = append(all, p)
	}
	return all
}
