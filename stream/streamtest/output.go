package streamtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// An Output is a sink that keeps what reaches it.
type Output[T any] struct {
	mu     sync.Mutex
	events []stream.Event[T]
	marks  []stream.Time
}

// Collect ends a stream in an Output.
func Collect[T any](s stream.Stream[T], opts ...stream.Option) *Output[T] {
	o := &Output[T]{}
	s.To(o, opts...)
	return o
}

// Take returns the values that have come since the last call of Take or
// TakeEvents.
func (o *Output[T]) Take() []T {
	var values []T
	for _, e := range o.TakeEvents() {
		values = append(values, e.Value)
	}
	return values
}

// TakeEvents is Take with event times.
func (o *Output[T]) TakeEvents() []stream.Event[T] {
	o.mu.Lock()
	defer o.mu.Unlock()
	events := o.events
	o.events = nil
	return events
}

// drain is TakeEvents as text.
func (o *Output[T]) drain() (all []string) {
	for _, e := range o.TakeEvents() {
		all = append(all, fmt.Sprintf("%v %+v", e.Time, e.Value))
	}
	return all
}

// Watermarks returns all watermarks that have come, in order, of all shards.
func (o *Output[T]) Watermarks() []stream.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]stream.Time(nil), o.marks...)
}

// Open returns a writer into the output.
func (o *Output[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	return outputWriter[T]{o}, nil
}

type outputWriter[T any] struct{ *Output[T] }

func (w outputWriter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for row, v := range b.All() {
		w.events = append(w.events, stream.Event[T]{Value: v, Time: b.Time(row)})
	}
	return nil
}

func (w outputWriter[T]) Advance(_ context.Context, wm stream.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.marks = append(w.marks, wm)
	return nil
}

func (outputWriter[T]) Flush(context.Context) error { return nil }
func (outputWriter[T]) Close() error                { return nil }
