package source

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/freshet-go/freshet/stream"
)

// Slice gives the elements of the slices, each slice a partition of its own
// with its elements in order. The elements have no event time yet. The slices
// must not be changed while the pipeline runs.
func Slice[T any](parts ...[]T) stream.Source[T] { return sliceSource[T](parts) }

type sliceSource[T any] [][]T

func (s sliceSource[T]) String() string {
	n := 0
	for _, part := range s {
		n += len(part)
	}
	return fmt.Sprintf("%d in %d slices", n, len(s))
}

// Local is stream.Local's.
func (s sliceSource[T]) Local() string { return "its slices are in the memory of one process" }

// Open returns a reader for each slice.
func (s sliceSource[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	var readers []stream.Reader[T]
	var names []string
	for i, part := range s {
		r := &sliceReader[T]{name: "slice " + strconv.Itoa(i), all: part}
		if from, ok := c.Offsets[r.name]; ok {
			n, err := strconv.Atoi(from)
			if err != nil || n < 0 || n > len(part) {
				return nil, fmt.Errorf("source: %s has no element %q to go on from", r.name, from)
			}
			r.next = n
		}
		readers, names = append(readers, r), append(names, r.name)
	}
	return readers, stray(c.Offsets, names...)
}

type sliceReader[T any] struct {
	name string
	all  []T
	next int
}

func (r *sliceReader[T]) Partition() string { return r.name }

func (r *sliceReader[T]) Read(_ context.Context, b *stream.Intake[T]) error {
	n := min(b.Room(), len(r.all)-r.next)
	if n == 0 {
		return io.EOF
	}
	b.Lend(r.all[r.next : r.next+n])
	r.next += n
	return nil
}

func (r *sliceReader[T]) Offset() string { return strconv.Itoa(r.next) }

func (r *sliceReader[T]) Close() error { return nil }
