package main

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// The table holds what a map holds, also the key 0, negative ones, and after a clear.
func TestOpenTable(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	table := openSums()
	for _, keys := range []int64{1, 3, 900, 40_000, 10} {
		want := mapSums()
		for range 100_000 {
			key, amount := chance.Int64N(2*keys)-keys, chance.Int64N(100)-50
			table.add(key, amount)
			want.add(key, amount)
		}
		got := mapOf{}
		table.each(func(key, sum int64) {
			if _, ok := got[key]; ok {
				t.Fatalf("key %d twice", key)
			}
			got[key] = sum
		})
		require.Equal(t, want, got)
		table.clear()
		table.each(func(key, _ int64) { t.Fatalf("key %d after a clear", key) })
	}
}

// Both loops come to sums by definition, on any number of threads.
func TestKeyed(t *testing.T) {
	const events, laps = 50_000, 40
	var want contest.Totals
	sums := map[[2]int64]int64{}
	for lap := range int64(laps) {
		for _, s := range contest.Sales(events, 1)[0] {
			sums[[2]int64{s.Key, (s.At + lap*contest.Span(events)) / contest.Minute}] += s.Amount
		}
	}
	for k, v := range sums {
		want.Add(k[0], k[1], v)
	}
	for threads := 1; threads <= 3; threads++ {
		a := contest.Args{Threads: threads, Events: events, Laps: laps}
		for name, work := range map[string]contest.Work{"map": keyedBy(mapSums), "open": keyedBy(openSums)} {
			job, err := work(a)
			require.NoError(t, err)
			got, err := job()
			require.NoError(t, err)
			require.Equal(t, want.Result(), got, "%s on %d", name, threads)
		}
	}
}
