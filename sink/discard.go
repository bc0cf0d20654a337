package sink

import (
	"context"

	"github.com/freshet-go/freshet/stream"
)

// Discard takes events and does nothing with them; the statistics count them.
func Discard[T any]() stream.Sink[T] { return discard[T]{} }

type discard[T any] struct{}

func (discard[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return discard[T]{}, nil }
func (discard[T]) Write(context.Context, *stream.Batch[T]) error      { return nil }
func (discard[T]) Flush(context.Context) error                        { return nil }
func (discard[T]) Close() error                                       { return nil }
