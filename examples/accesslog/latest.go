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
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.panes == nil {
		l.panes = map[paneOf[K]]stream.Pane[K, R]{}
	}
	l.panes[paneOf[K]{e.Value.Key, e.Value.Start.UnixNano()}] = e.Value
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
