package main

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// The loops are held against sums by definition: for each window all sales.
func TestLoops(t *testing.T) {
	all := sales(150_000)
	require.Less(t, all[0].At, all[len(all)-1].At-2*int64(size))
	var sum, tumbling, sliding total
	byShop := map[int64]int64{}
	type place struct{ shop, end int64 }
	sums, counts := map[place]int64{}, map[place]int64{}
	for _, s := range all {
		byShop[s.Shop] += s.Cents
		for end := s.At / int64(slide) * int64(slide); end <= s.At+int64(size); end += int64(slide) {
			if start := end - int64(size); start > s.At || s.At >= end {
				continue
			}
			counts[place{s.Shop, end}]++
			if end%int64(size) == 0 {
				sums[place{s.Shop, end}] += s.Cents
			}
		}
	}
	for shop, cents := range byShop {
		sum.add(shop, 0, cents)
	}
	for p, cents := range sums {
		tumbling.add(p.shop, p.end, cents)
	}
	for p, n := range counts {
		sliding.add(p.shop, p.end, n)
	}
	for name, want := range map[string]total{"sum": sum, "tumbling": tumbling, "sliding": sliding} {
		got, err := byHand.can[name](len(all))()
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

// Each peer comes to what the loop comes to: the command fails otherwise.
func TestPeersAgree(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-scale", "0.02", "-rounds", "1", "-json"}, &out))
	var all []compared
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	did := map[string]int{}
	for _, c := range all {
		did[c.Peer]++
		require.Positive(t, c.Nanos)
		require.Positive(t, c.Results)
	}
	want := map[string]int{
		"loop": 4, "Freshet": 4, "Freshet, all cores": 4,
		"go-streams": 2, "ro": 2, "watermill": 1,
	}
	for _, p := range optional {
		want[p.Name] = len(p.can)
	}
	require.Equal(t, want, did)
	out.Reset()
	require.NoError(t, printComparison(&out, all))
	require.Contains(t, out.String(), "ro cannot do: windows of event time")
	require.Error(t, command(t.Context(), []string{"-rounds", "0"}, io.Discard))
}
