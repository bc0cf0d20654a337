package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// Both jobs give the sum of each key in each minute, of which nothing is late.
func TestPipelines(t *testing.T) {
	const events, keys = 100_000, 1000
	sums := map[[2]int64]int64{}
	for i := range int64(events) {
		s := saleOf(i, events/2, keys)
		require.True(t, s.Key >= 0 && s.Key < keys)
		sums[[2]int64{s.Key, s.At/60_000*60_000 + 60_000}] += s.Amount
	}
	var want []string
	ends := map[int64]bool{}
	for at, sum := range sums {
		want = append(want, fmt.Sprint(at[0], " ", at[1], " ", sum))
		ends[at[1]] = true
	}
	slices.Sort(want)
	require.Len(t, ends, windows)
	for _, do := range []string{"sum", "timers"} {
		to := t.TempDir()
		require.NoError(t, pipeline(do, events, keys, to).Run(t.Context(), stream.Shards(2)))
		got, err := read(to)
		require.NoError(t, err)
		require.Equal(t, want, got, do)
	}
}
