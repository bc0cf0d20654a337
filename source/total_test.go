package source_test

import (
	"context"
	"sync/atomic"

	"github.com/freshet-go/freshet/stream"
)

// total is a sink that adds up what it is given.
type total struct{ atomic.Int64 }

func (s *total) Open(*stream.SinkContext) (stream.Writer[int64], error) { return s, nil }

func (s *total) Write(_ context.Context, b *stream.Batch[int64]) error {
	for _, v := range b.All() {
		s.Add(v)
	}
	return nil
}

func (s *total) Flush(context.Context) error { return nil }
func (s *total) Close() error                { return nil }
