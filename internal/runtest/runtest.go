// Package runtest has runs that end and begin again, for the tests of sinks.
package runtest

import (
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// ExactlyOnce has runs write 3,000 texts to a transactional sink that fail and begin again from their checkpoints, with other
// numbers of shards: what was reached, in any order, is each text once. A run that begins without its checkpoint is refused.
func ExactlyOnce(t *testing.T, to stream.Sink[string], reached func() []string) {
	t.Helper()
	const parts, n = 3, 1000
	var numbers [parts][]int
	var want []string
	for i := range parts * n {
		numbers[i%parts] = append(numbers[i%parts], i)
		want = append(want, strconv.Itoa(i))
	}
	slices.Sort(want)

	store := checkpoint.Dir(t.TempDir())
	var seen, failures atomic.Int64
	pipeline := func() *stream.Pipeline {
		p := stream.New("numbers")
		p.From(source.Slice(numbers[:]...)).Map(func(i int) string {
			if seen.Add(1)%(parts*n/2) == 0 && failures.Add(1) < 8 {
				panic("killed")
			}
			return strconv.Itoa(i)
		}).Rebalance().To(to)
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
