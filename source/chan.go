package source

import (
	"context"
	"io"

	"github.com/freshet-go/freshet/stream"
)

// Chan gives what it receives from c, in order, as one partition, until c is
// closed. What c holds at the moment comes in one batch; an event never waits
// for another.
//
// A channel has no past: a run that goes on from a checkpoint begins with
// what it receives next, and what an unfinished run had received since its
// last checkpoint is lost. When ctx ends, what has not been received stays in
// c.
//
// It panics if c is nil, from which nothing would ever come.
func Chan[T any](c <-chan T) stream.Source[T] {
	if c == nil {
		panic("source: Chan(nil): the channel is nil")
	}
	return channel[T](c)
}

type channel[T any] <-chan T

func (c channel[T]) String() string { return "channel" }

// Local is stream.Local's.
func (c channel[T]) Local() string { return "a channel is of one process" }

// Open returns the one reader.
func (c channel[T]) Open(*stream.SourceContext) ([]stream.Reader[T], error) {
	return []stream.Reader[T]{chanReader[T](c)}, nil
}

type chanReader[T any] <-chan T

func (chanReader[T]) Partition() string { return "channel" }
func (chanReader[T]) Waits() bool       { return true }

func (c chanReader[T]) Read(ctx context.Context, b *stream.Intake[T]) error {
	if err := ctx.Err(); err != nil {
		return err // select might prefer c for ever
	}
	select {
	case v, ok := <-c:
		if !ok {
			return io.EOF
		}
		b.Append(v)
	case <-ctx.Done():
		return ctx.Err()
	}
	for b.Room() > 0 {
		select {
		case v, ok := <-c:
			if !ok {
				return io.EOF
			}
			b.Append(v)
		default:
			return nil
		}
	}
	return nil
}

func (chanReader[T]) Offset() string { return "" }
func (chanReader[T]) Close() error   { return nil }
