package sink_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// TestRowFailures checks that an event which a sink cannot write is skipped or
// diverted, and that no other is lost or written twice.
func TestRowFailures(t *testing.T) {
	errOdd := errors.New("odd")
	for name, fail := range map[string]error{"error": errOdd, "panic": nil} {
		t.Run(name, func(t *testing.T) {
			for _, batch := range []int{1, 2, 512} {
				var written []int
				take := sink.Func(func(_ context.Context, e stream.Event[int]) error {
					if e.Value%2 == 1 {
						if fail == nil {
							panic("odd")
						}
						return fail
					}
					written = append(written, e.Value)
					return nil
				})
				var bad stream.Failures[int]
				var failed sink.Collector[stream.Failed[int]]
				p := stream.New("test")
				numbers := p.From(source.Slice([]int{0, 1, 2, 3, 5, 6, 7})).Filter(func(i int) bool { return i != 0 })
				numbers.To(take, stream.Name("store"), stream.Divert(&bad))
				bad.Stream().To(&failed)
				require.NoError(t, p.Run(t.Context(), stream.BatchSize(batch), stream.Shards(1)))
				require.Equal(t, []int{2, 6}, written)
				var values []int
				for _, f := range failed.Values() {
					values = append(values, f.Value)
					require.Equal(t, "store", f.Operator)
					require.ErrorContains(t, f.Err, "odd")
				}
				require.Equal(t, []int{1, 3, 5, 7}, values)
			}
		})
	}
}

// A panic of the function of Func is named with the line where it was.
func TestFuncThatPanics(t *testing.T) {
	p := stream.New("test")
	p.From(source.Slice([]int{1})).To(sink.Func(func(context.Context, stream.Event[int]) error { panic("odd") }))
	require.ErrorContains(t, p.Run(t.Context()), "stream: sink at slice 0 event 0: panic: odd (")
	require.ErrorContains(t, p.Run(t.Context()), "failures_test.go:")
}

func TestRowFailureStopsTheRun(t *testing.T) {
	p := stream.New("test")
	p.From(source.Slice([]float64{1, math.NaN(), 3})).To(sink.JSONLines[float64](new(bytes.Buffer)), stream.Name("out"))
	err := p.Run(t.Context())
	var failed *stream.OperatorError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "out", failed.Operator)
	require.Contains(t, failed.Position, "1", "the place of the event")
}

func TestUnencodableRowsAreSkipped(t *testing.T) {
	var out strings.Builder
	p := stream.New("test")
	p.From(source.Slice([]float64{1, math.NaN(), 3})).To(sink.JSONLines[float64](&out), stream.SkipFailures())
	require.NoError(t, p.Run(t.Context()))
	require.Equal(t, "1\n3\n", out.String())
	stats, ok := p.Stats().Operator("sink")
	require.True(t, ok)
	require.EqualValues(t, 1, stats.Failed)
}
