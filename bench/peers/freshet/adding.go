package main

import (
	"context"
	"sync"

	"github.com/freshet-go/freshet/bench/peers/contest"
	"github.com/freshet-go/freshet/stream"
)

// adding is a sink that adds up panes in each of its instances.
type adding struct {
	mu      sync.Mutex
	writers []*addingWriter
}

func (s *adding) Open(*stream.SinkContext) (stream.Writer[stream.Pane[int64, int64]], error) {
	w := &addingWriter{}
	s.mu.Lock() // instances are opened at once
	defer s.mu.Unlock()
	s.writers = append(s.writers, w)
	return w, nil
}

// result is that of a run that has ended.
func (s *adding) result() contest.Result {
	var all contest.Totals
	for _, w := range s.writers {
		all.Merge(w.totals)
	}
	return all.Result()
}

type addingWriter struct{ totals contest.Totals }

func (w *addingWriter) Write(_ context.Context, b *stream.Batch[stream.Pane[int64, int64]]) error {
	for _, p := range b.All() {
		w.totals.Add(p.Key, p.Start.UnixMilli()/contest.Minute, p.Value)
	}
	return nil
}

func (*addingWriter) Flush(context.Context) error { return nil }
func (*addingWriter) Close() error                { return nil }
