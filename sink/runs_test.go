package sink_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// Runs that fail and begin again from their checkpoints, with other numbers of
// shards, show each event once.
func TestRunsExactlyOnce(t *testing.T) {
	const parts, n = 3, 1000
	var numbers [parts][]int
	var want []string
	for i := range parts * n {
		numbers[i%parts] = append(numbers[i%parts], i)
		want = append(want, strconv.Itoa(i))
	}
	slices.Sort(want)

	dir := filepath.Join(t.TempDir(), "out")
	out := sink.Files(dir, "*.log.gz", codec.Lines(), sink.RollSize(1000))
	reached := func() []string { return lines(t, dir) }
	store := checkpoint.Dir(t.TempDir())
	var seen, failures atomic.Int64
	pipeline := func() *stream.Pipeline {
		p := stream.New("numbers")
		p.From(source.Slice(numbers[:]...)).Map(func(i int) string {
			if seen.Add(1)%(parts*n/2) == 0 && failures.Add(1) < 8 {
				panic("killed")
			}
			return strconv.Itoa(i)
		}).Rebalance().To(out)
		return p
	}
	for shards := 1; ; shards++ {
		require.Less(t, shards, 10)
		err := pipeline().Run(t.Context(), stream.Shards(1+shards%3), stream.BatchSize(16),
			stream.Checkpoints(store, time.Millisecond), stream.Restarts(2, 0))
		if err == nil {
			break
		}
		require.ErrorContains(t, err, "killed")
	}
	assert.Positive(t, failures.Load())
	got := reached()
	slices.Sort(got)
	assert.Equal(t, want, got)

	require.NoError(t, pipeline().Run(t.Context(), stream.Checkpoints(store, time.Hour)))
	assert.Len(t, reached(), len(want))

	err := pipeline().Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour))
	assert.ErrorContains(t, err, "the run begins empty, but the results of checkpoint ")
	assert.Len(t, reached(), len(want))
}
