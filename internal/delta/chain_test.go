package delta

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A disk is what was written of a chain, as whoever reads it knows it.
type disk struct {
	whole   []byte
	patches [][]byte
}

func (d *disk) write(c Chain, b []byte) {
	if n := c.Patches(); n > 0 {
		d.patches = append(d.patches[:n-1:n-1], b)
		return
	}
	d.whole, d.patches = b, nil
}

// Of 20 chains a share of the records changes in each of 300 turns. What is
// written is in proportion to that, is about as much in each turn, and gives
// the bytes back.
func TestChains(t *testing.T) {
	for _, c := range []struct {
		changed       float64 // percent of records
		mean, longest int     // percent of all bytes in a turn, number of patches
	}{{0.05, 2, 8}, {1, 5, 8}, {10, 20, 6}, {100, 101, 2}} {
		rng := rand.New(rand.NewPCG(12, uint64(c.changed*100)))
		const pieces, n = 20, 400
		var w Writer
		var chains [pieces]Chain
		var disks [pieces]disk
		var states [pieces][]record
		for i := range states {
			states[i] = records(rng, n, 0)
		}
		total, most, longest, size := 0, 0, 0, 0
		const turns = 100
		for turn := range int64(turns) {
			written := 0
			size = 0
			for i := range states {
				changed := 0
				for range n {
					if 100*rng.Float64() < c.changed {
						changed++
					}
				}
				states[i] = change(rng, states[i], changed, int(turn)%2*min(changed, 2), int(turn)%2*min(changed, 2), 0)
				now := encode(states[i])
				size += len(now)
				next, b := w.Next(chains[i], 1+turn+int64(i), now)
				if b != nil {
					disks[i].write(next, b)
				}
				got, err := new(Applier).Apply(disks[i].whole, disks[i].patches...)
				require.NoError(t, err)
				require.True(t, bytes.Equal(now, got))
				if rng.IntN(10) > 0 { // else the turn was given up, and goes for nothing
					chains[i] = next
				} else if b != nil {
					disks[i] = disk{chains[i].base, chains[i].patches}
				}
				written += len(b)
				longest = max(longest, next.Patches())
			}
			if turn > 0 {
				total += written
				most = max(most, written)
			}
		}
		mean := total / (turns - 1)
		t.Logf("%v%% changed: %.2f%% written, %.2f%% at most, of %d bytes, %d patches at most",
			c.changed, 100*float64(mean)/float64(size), 100*float64(most)/float64(size), size, longest)
		require.LessOrEqual(t, 100*mean, c.mean*size)
		if c.changed < 100 {
			require.LessOrEqual(t, most, size/2)
		}
		require.LessOrEqual(t, longest, c.longest)
	}
}

// Where too much changes, bytes are not compared and not kept in most turns;
// where that is over, there are patches soon.
func TestVain(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	var w Writer
	var c Chain
	var b []byte
	kept := 0
	for turn := range int64(64) {
		c, b = w.Next(c, turn, encode(records(rng, 100, 0)))
		require.Zero(t, c.Patches())
		if c.base != nil {
			kept++
		}
	}
	require.Equal(t, 1+64/vainRest, kept)
	all := records(rng, 100, 0)
	for turn := range int64(vainRest + 2) {
		all = change(rng, all, 1, 0, 0, 0)
		c, b = w.Next(c, 64+turn, encode(all))
	}
	require.NotZero(t, c.Patches())
	require.Less(t, len(b), 100)
	again, b := w.Next(c, 80, encode(all))
	require.Nil(t, b)
	require.Equal(t, c, again)
}
