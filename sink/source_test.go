package sink_test

import (
	"context"
	"io"

	"github.com/freshet-go/freshet/stream"
)

// of is a source for examples of sinks, which do not know package source.
func of[T any](values ...T) stream.Source[T] { return fixed[T](values) }

type fixed[T any] []T

func (f fixed[T]) Open(*stream.SourceContext) ([]stream.Reader[T], error) {
	return []stream.Reader[T]{&fixedReader[T]{f}}, nil
}

type fixedReader[T any] struct{ rest []T }

func (r *fixedReader[T]) Partition() string { return "fixed" }
func (r *fixedReader[T]) Offset() string    { return "" }
func (r *fixedReader[T]) Close() error      { return nil }

func (r *fixedReader[T]) Read(_ context.Context, b *stream.Intake[T]) error {
	n := min(b.Room(), len(r.rest))
	b.Append(r.rest[:n]...)
	if r.rest = r.rest[n:]; len(r.rest) == 0 {
		return io.EOF
	}
	return nil
}
