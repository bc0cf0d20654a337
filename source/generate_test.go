package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

func ExampleGenerate() {
	p := stream.New("squares")
	p.From(source.Generate(4, func(i int64) int64 { return i * i })).To(printed[int64]{})
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0
	// 1
	// 4
	// 9
}

func identity(i int64) int64 { return i }

func TestGenerateSuite(t *testing.T) {
	for name, c := range map[string]struct {
		n    int64
		opts []source.GenerateOption
	}{
		"none":       {0, []source.GenerateOption{source.Partitions(2)}},
		"plain":      {100, nil},
		"partitions": {101, []source.GenerateOption{source.Partitions(3)}},
		"more":       {2, []source.GenerateOption{source.Partitions(5)}},
		"rate":       {60, []source.GenerateOption{source.Partitions(2), source.Rate(0.3)}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []int64
			for i := range c.n {
				want = append(want, i)
			}
			sourcetest.Suite[int64]{
				Source: func(testing.TB) stream.Source[int64] { return source.Generate(c.n, identity, c.opts...) },
				Want:   want,
			}.Run(t)
		})
	}
}

// Each value comes when it is due, to the nanosecond, however long it goes on
// and wherever it was resumed; what was held up comes at once.
func TestGenerateRate(t *testing.T) {
	for _, partitions := range []int64{1, 3} {
		for _, from := range []int64{0, 5} {
			synctest.Test(t, func(t *testing.T) {
				const rate = 7.0
				src := source.Generate(source.Unbounded, identity, source.Rate(rate), source.Partitions(int(partitions)))
				last := partitions - 1
				name := fmt.Sprintf("partition %d of %d", last, partitions)
				readers, err := src.Open(&stream.SourceContext{Now: time.Now, Offsets: map[string]string{name: fmt.Sprint(from)}})
				require.NoError(t, err)
				start := time.Now()
				due := func(k int64) time.Duration {
					return time.Duration(float64(k*partitions+last)/rate*1e9 + 0.999999)
				}
				for k := int64(0); k < 500; {
					b := stream.NewIntake[int64](4)
					require.NoError(t, readers[last].Read(t.Context(), b))
					for _, v := range b.Batch().All() {
						assert.Equal(t, (from+k)*partitions+last, v)
						assert.InDelta(t, due(k), time.Since(start), 1)
						k++
					}
				}
				time.Sleep(10 * time.Second) // of the bubble
				b := stream.NewIntake[int64](1000)
				require.NoError(t, readers[last].Read(t.Context(), b))
				assert.InDelta(t, 10*rate/float64(partitions), b.Len(), 1)

				ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
				defer cancel()
				assert.ErrorIs(t, readers[last].Read(ctx, stream.NewIntake[int64](1)), context.DeadlineExceeded)
			})
		}
	}
}

func TestGenerateUnbounded(t *testing.T) {
	readers, err := source.Generate(source.Unbounded, identity, source.Partitions(2)).Open(&stream.SourceContext{
		Offsets: map[string]string{"partition 1 of 2": fmt.Sprint(int64(source.Unbounded/2 - 1))},
	})
	require.NoError(t, err)
	b := stream.NewIntake[int64](9)
	err = readers[1].Read(t.Context(), b)
	assert.True(t, errors.Is(err, io.EOF))
	require.Equal(t, 1, b.Len())
	assert.Equal(t, int64(source.Unbounded-2), b.Batch().Value(0))
}

func TestGenerateMistakes(t *testing.T) {
	assert.Panics(t, func() { source.Generate(-1, identity) })
	assert.Panics(t, func() { source.Partitions(0) })
	assert.Panics(t, func() { source.Rate(0) })
}
