package cluster_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/cluster"
)

// plainly finds the groups by the definition: cores that are connected.
func plainly(t *mining.Table, radius float64, least int) (core []bool, of []int) {
	n := t.Len()
	near := func(i, j int) bool {
		sum := 0.0
		for f := range t.Features() {
			if d := t.X[i].At(f) - t.X[j].At(f); d == d {
				sum += d * d
			}
		}
		return sum <= radius*radius
	}
	core, of = make([]bool, n), make([]int, n)
	for i := range n {
		of[i] = cluster.Noise
		count := 0
		for j := range n {
			if near(i, j) {
				count++
			}
		}
		core[i] = count >= least
	}
	group := 0
	for i := range n {
		if !core[i] || of[i] != cluster.Noise {
			continue
		}
		of[i] = group
		for changed := true; changed; {
			changed = false
			for a := range n {
				for b := range n {
					if core[a] && core[b] && of[a] == group && of[b] != group && near(a, b) {
						of[b], changed = group, true
					}
				}
			}
		}
		group++
	}
	return core, of
}

func FuzzDBSCAN(f *testing.F) {
	f.Add(uint64(1), uint8(30), uint8(3), true)
	f.Add(uint64(2), uint8(1), uint8(1), false)
	f.Add(uint64(3), uint8(60), uint8(5), true)
	f.Fuzz(func(t *testing.T, seed uint64, n, least uint8, missing bool) {
		random := rand.New(rand.NewPCG(seed, 0))
		table := new(mining.Table)
		for range min(n, 60) {
			x := mining.Dense(float64(random.IntN(40)), float64(random.IntN(20))) // with ties
			if missing && random.IntN(20) == 0 {
				x.Value[random.IntN(2)] = mining.Missing
			}
			table.Add(x, 0)
		}
		most := int(least)%6 + 1
		of, groups, err := cluster.DBSCAN(table, 4, most)
		if table.Len() == 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		core, want := plainly(table, 4, most)
		highest := -1
		for i := range of {
			highest = max(highest, of[i])
			if core[i] {
				require.Equal(t, want[i], of[i], "core %d", i)
				continue
			}
			// What is at the border is in the group of a core that is near, and noise if none is.
			allowed := map[int]bool{}
			for j := range of {
				pair := table.Select([]int{i, j})
				if both, _, err := cluster.DBSCAN(pair, 4, 2); err == nil && core[j] && both[0] == 0 {
					allowed[want[j]] = true
				}
			}
			if len(allowed) == 0 {
				require.Equal(t, cluster.Noise, of[i])
			} else {
				require.True(t, allowed[of[i]], "event %d in %d, of %v", i, of[i], allowed)
			}
		}
		require.Equal(t, groups-1, highest)
	})
}

// Equal events take memory for themselves, and not for their pairs.
func TestDBSCANOfEqual(t *testing.T) {
	table := new(mining.Table)
	for range 3000 {
		table.Add(mining.Dense(1, 1), 0)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	of, groups, err := cluster.DBSCAN(table, 1, 5)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Equal(t, 1, groups)
	require.Equal(t, make([]int, 3000), of)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20))
}
