package stream_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// What an operator diverts is of the partition that it comes from, and late if it was: so what counts as late does not depend on
// the size of batches, nor on which partitions one task reads.
func TestDivertKeepsPartitions(t *testing.T) {
	t.Parallel()
	parts := make([][]int64, 3) // times in seconds
	for i := range parts {
		for n := range int64(300) {
			parts[i] = append(parts[i], 10*n)
			if n%50 == 49 {
				parts[i] = append(parts[i], 10*n-250)
			}
		}
	}
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	fails := func(_ context.Context, s int64) (int64, error) { return 0, errors.New("no") }
	diverted := func(s stream.Stream[int64]) stream.Stream[int64] {
		var bad stream.Failures[int64]
		s.TryMap(fails, stream.Divert(&bad)).To(sink.Discard[int64]())
		return bad.Stream().Map(func(f stream.Failed[int64]) int64 { return f.Value })
	}
	timed := func(s stream.Stream[int64]) stream.Stream[int64] { return s.EventTime(at) }
	counted := func(build func(p *stream.Pipeline) stream.Stream[int64], opts ...stream.RunOption) []string {
		p := stream.New("counts")
		out := sink.Collect[stream.Pane[int, int64]]()
		build(p).KeyBy(func(int64) int { return 0 }).Window(window.Tumbling(100 * time.Second)).Count().To(out)
		require.NoError(t, p.Run(t.Context(), opts...))
		var rows []string
		for _, v := range out.Values() {
			rows = append(rows, fmt.Sprint(v))
		}
		slices.Sort(rows)
		return rows
	}
	numbers := func(p *stream.Pipeline) stream.Stream[int64] { return p.From(source.Slice(parts...)) }
	for name, build := range map[string][2]func(*stream.Pipeline) stream.Stream[int64]{
		"times of what is diverted": {
			func(p *stream.Pipeline) stream.Stream[int64] { return timed(numbers(p)) },
			func(p *stream.Pipeline) stream.Stream[int64] { return timed(diverted(numbers(p))) },
		},
		"diverted with times": {
			func(p *stream.Pipeline) stream.Stream[int64] { return timed(numbers(p)) },
			func(p *stream.Pipeline) stream.Stream[int64] { return diverted(timed(numbers(p))) },
		},
	} {
		want := counted(build[0], stream.Shards(1))
		require.Len(t, want, 30)
		for _, batch := range []int{1, 7, 512} {
			for _, shards := range []int{1, 2, 3} {
				require.Equal(t, want, counted(build[1], stream.BatchSize(batch), stream.Shards(shards)), "%s, batches of %d, %d shards", name, batch, shards)
			}
		}
	}
}
