package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

func ExampleSeq() {
	stock := map[string]int{"apples": 3, "pears": 5}
	p := stream.New("stock")
	p.From(source.Seq(slices.Values(slices.Sorted(maps.Keys(stock))))).To(printed[string]{})
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// apples
	// pears
}

func TestSeqSuite(t *testing.T) {
	for _, n := range []int{0, 1, 100, 1024} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var want []int
			for i := range n {
				want = append(want, i)
			}
			running := 0
			sourcetest.Suite[int]{
				Source: func(testing.TB) stream.Source[int] {
					return source.Seq(func(yield func(int) bool) {
						running++
						defer func() { running-- }()
						for _, v := range want {
							if !yield(v) {
								return
							}
						}
					})
				},
				Want:  want,
				InUse: func() int { return running },
			}.Run(t)
		})
	}
}

func TestSeqTooShort(t *testing.T) {
	src := source.Seq(slices.Values([]int{1, 2}))
	readers, err := src.Open(&stream.SourceContext{Offsets: map[string]string{"sequence": "3"}})
	require.NoError(t, err)
	err = readers[0].Read(t.Context(), stream.NewIntake[int](1))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.ErrorAs(t, err, new(*source.ReadError))
	require.NoError(t, readers[0].Close())
}

// A sequence that panics is named with its own file and line, as every other function is.
func TestSeqThatPanics(t *testing.T) {
	readers, err := source.Seq(func(yield func(int) bool) {
		yield(1)
		panic("no more")
	}).Open(&stream.SourceContext{})
	require.NoError(t, err)
	in := stream.NewIntake[int](8)
	err = readers[0].Read(t.Context(), in)
	p, ok := errors.AsType[*stream.PanicError](err)
	require.True(t, ok, err)
	require.Equal(t, "no more", p.Value)
	require.Regexp(t, `seq_test\.go:\d+$`, p.Where)
	require.Equal(t, 1, in.Len(), "what came before counts")
	require.NoError(t, readers[0].Close(), "it has been said")

	readers, err = source.Seq(func(yield func(int) bool) {
		for yield(1) {
		}
		panic("at its end")
	}).Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.NoError(t, readers[0].Read(t.Context(), stream.NewIntake[int](8)))
	require.ErrorContains(t, readers[0].Close(), "panic: at its end (")
}
