package sink

import (
	"context"
	"runtime/debug"
	"sync"

	"github.com/freshet-go/freshet/internal/origin"
	"github.com/freshet-go/freshet/stream"
)

// Func calls f with each event. Calls never overlap, also where the pipeline
// has several shards; events of different shards come in any order. An error of f
// is a failure of the event. Each event is given at least once: what a run
// wrote again after a restart, twice. It panics if f is nil.
func Func[T any](f func(ctx context.Context, e stream.Event[T]) error) stream.Sink[T] {
	if f == nil {
		panic("sink: Func(nil): the function is nil")
	}
	return &funcSink[T]{f: f}
}

type funcSink[T any] struct {
	mu sync.Mutex
	f  func(context.Context, stream.Event[T]) error
}

// Local is stream.Local's.
func (s *funcSink[T]) Local() string {
	return "its function is called in other processes, and what it keeps in memory is lost with them"
}

func (s *funcSink[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	return &funcWriter[T]{s}, nil
}

type funcWriter[T any] struct{ sink *funcSink[T] }

func (w *funcWriter[T]) Write(ctx context.Context, b *stream.Batch[T]) (err error) {
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	at := 0
	defer rescueRow(&at, &err)
	for row, v := range b.All() {
		at = row
		if err := ctx.Err(); err != nil {
			return err // StopTimeout has passed, and f is not called any more
		}
		if err := w.sink.f(ctx, stream.Event[T]{Value: v, Time: b.Time(row)}); err != nil {
			return &stream.RowError{Row: row, Err: err}
		}
	}
	return nil
}

// rescueRow makes a panic the error of a row. It is to be deferred itself.
func rescueRow(at *int, err *error) {
	if r := recover(); r != nil {
		*err = &stream.RowError{Row: *at, Err: &stream.PanicError{Value: r, Where: origin.OfPanic(), Stack: debug.Stack()}}
	}
}

func (*funcWriter[T]) Flush(context.Context) error { return nil }
func (*funcWriter[T]) Close() error                { return nil }
