package source_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

// printed is a sink for examples of sources, which do not know package sink.
type printed[T any] struct{}

func (printed[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return printed[T]{}, nil }
func (printed[T]) Flush(context.Context) error                        { return nil }
func (printed[T]) Close() error                                       { return nil }
func (printed[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	for _, v := range b.All() {
		fmt.Fprintln(os.Stdout, v)
	}
	return nil
}

func ExampleSlice() {
	p := stream.New("greetings")
	p.From(source.Slice([]string{"hello", "world"})).To(printed[string]{})
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello
	// world
}

func TestSliceSuite(t *testing.T) {
	a, b := []int{1, 2, 3, 4, 5, 6, 7}, []int{8, 9}
	sourcetest.Suite[int]{
		Source: func(testing.TB) stream.Source[int] { return source.Slice(a, nil, b) },
		Want:   append(a[:7:7], b...),
	}.Run(t)
}

func TestSliceBadOffset(t *testing.T) {
	for _, offset := range []string{"8", "-1", "x", ""} {
		_, err := source.Slice([]int{1, 2}).Open(&stream.SourceContext{Offsets: map[string]string{"slice 0": offset}})
		assert.Error(t, err, offset)
	}
}
