package sinktest

import (
	"context"
	"io"

	"github.com/freshet-go/freshet/stream"
)

// given is a source of a slice. It is our own: sinks do not know package
// source.
type given[T any] []T

func (g given[T]) Open(*stream.SourceContext) ([]stream.Reader[T], error) {
	return []stream.Reader[T]{&givenReader[T]{g}}, nil
}

type givenReader[T any] struct{ rest []T }

func (r *givenReader[T]) Partition() string { return "given" }
func (r *givenReader[T]) Offset() string    { return "" }
func (r *givenReader[T]) Close() error      { return nil }

func (r *givenReader[T]) Read(_ context.Context, b *stream.Intake[T]) error {
	if len(r.rest) == 0 {
		return io.EOF
	}
	n := min(b.Room(), len(r.rest))
	b.Append(r.rest[:n]...)
	r.rest = r.rest[n:]
	return nil
}
