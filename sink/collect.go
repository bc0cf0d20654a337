package sink

import (
	"context"
	"errors"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// Collect returns a sink that keeps every event in memory, for tests and
// small results. Events arrive at least once: what a run wrote again after a
// restart is there twice.
func Collect[T any]() *Collector[T] { return new(Collector[T]) }

// A Collector is the sink of Collect. It may be asked at any time, and holds
// everything once Run has returned.
type Collector[T any] struct {
	mu     sync.Mutex
	events []stream.Event[T]
}

// Values returns the values in the order of arrival, in a slice that belongs
// to the caller. The order among several shards is that of chance.
func (c *Collector[T]) Values() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	values := make([]T, len(c.events))
	for i, e := range c.events {
		values[i] = e.Value
	}
	return values
}

// Events is Values with the event times.
func (c *Collector[T]) Events() []stream.Event[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]stream.Event[T]{}, c.events...)
}

// Local is [stream.Local]'s: what is collected in another process is not here.
func (c *Collector[T]) Local() string { return "what it collects is in the memory of one process" }

// Open returns a writer that adds to c.
func (c *Collector[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	if c == nil {
		return nil, errors.New("the sink.Collector is nil: make one with sink.Collect")
	}
	return &collectWriter[T]{c}, nil
}

type collectWriter[T any] struct{ c *Collector[T] }

func (w *collectWriter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	for row, v := range b.All() {
		w.c.events = append(w.c.events, stream.Event[T]{Value: v, Time: b.Time(row)})
	}
	return nil
}

func (*collectWriter[T]) Flush(context.Context) error { return nil }
func (*collectWriter[T]) Close() error                { return nil }
