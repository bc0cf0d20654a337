package delta

import (
	"bytes"
	"encoding/binary"
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
		byChance := rand.New(rand.NewPCG(20, 21))
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
				next, b := w.Next(chains[i], 1+turn+int64(i), now, i < pieces/3 || i > pieces/2 && byChance.IntN(2) > 0)
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

// A chain whose bytes are kept is as one that is not: it has the same patches, and neither notices what has not changed.
func TestKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 23))
	var w Writer
	all := records(rng, 300, 0)
	kept, not, both := Chain{}, Chain{}, Chain{}
	for turn := range int64(300) {
		now := encode(all)
		want, write := w.Next(not, turn, now, false)
		for _, c := range []struct {
			chain *Chain
			kept  bool
		}{{&kept, true}, {&both, turn%3 > 0}} {
			next, same := w.Next(*c.chain, turn, bytes.Clone(now), c.kept)
			require.Equal(t, write, same)
			require.Equal(t, want.patches, next.patches)
			require.Equal(t, c.kept, next.last != nil, "what is not kept by anybody is not kept by the chain")
			*c.chain = next
		}
		not = want
		switch rng.IntN(4) {
		case 0:
		case 1:
			all = change(rng, all, 200, 0, 0, 0)
		default:
			all = change(rng, all, 1+rng.IntN(10), rng.IntN(2), rng.IntN(2), 0)
		}
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
		c, b = w.Next(c, turn, encode(records(rng, 100, 0)), false)
		require.Zero(t, c.Patches())
		if c.base != nil {
			kept++
		}
	}
	require.Equal(t, 1+64/vainRest, kept)
	for turn := range int64(2 * vainRest) {
		c, _ = w.Next(c, 64+turn, encode(records(rng, 100, 0)), false)
		require.Equal(t, (turn+1)%vainRest == 0, c.base != nil, "in every eighth turn they are")
	}
	c, _ = w.Next(c, 63, encode(records(rng, 100, 0)), false)
	all := records(rng, 100, 0)
	for turn := range int64(vainRest + 2) {
		all = change(rng, all, 1, 0, 0, 0)
		c, b = w.Next(c, 64+turn, encode(all), false)
	}
	require.NotZero(t, c.Patches())
	require.Less(t, len(b), 100)
	again, b := w.Next(c, 80, encode(all), false)
	require.Nil(t, b)
	require.Equal(t, c, again)
}

// What is short is written whole, and so is what was not in a stretch of turns.
func TestWhole(t *testing.T) {
	var w Writer
	for size, patched := range map[int]bool{patchedFrom - 1: false, patchedFrom: true} {
		b := bytes.Repeat([]byte{7}, size)
		c, write := w.Next(Chain{}, 0, b, false)
		require.Equal(t, b, write)
		next, write := w.Next(c, 1, append(bytes.Clone(b[1:]), 8), false)
		require.Equal(t, patched, next.Patches() == 1)
		require.Equal(t, patched, len(write) < size)
	}
	b := make([]byte, 200)
	for _, test := range []struct {
		before, turn int64
		patched      bool
	}{{0, 1, true}, {0, 127, true}, {0, 128, false}, {127, 128, false}, {128, 255, true}, {128, 256, false}} {
		c, _ := w.Next(Chain{}, test.before, b, false)
		c, _ = w.Next(c, test.turn, append(bytes.Clone(b[1:]), 8), false)
		require.Equal(t, test.patched, c.Patches() == 1, test)
	}
	c, _ := w.Next(Chain{}, 0, b, false)
	next, write := w.Next(c, 128, bytes.Clone(b), false)
	require.Nil(t, write, "nothing has changed")
	require.Equal(t, c, next)
}

// Each patch is longer than those behind it together: two that are as long as
// each other become one.
func TestPatchesAreMadeOne(t *testing.T) {
	b := encode(records(rand.New(rand.NewPCG(15, 16)), 100, 0))
	flip := func(at, n int) []byte {
		b = bytes.Clone(b)
		for i := range n {
			b[at+i] ^= 0xff
		}
		return b
	}
	var w Writer
	c, _ := w.Next(Chain{}, 0, b, false)
	turn := int64(0)
	for _, test := range []struct{ at, changed, patches int }{
		{100, 200, 1}, {1000, 10, 2}, {1200, 10, 2}, {1400, 5, 3}, {1600, 1, 4}, {1800, 1, 2}, {2000, 200, 1},
	} {
		turn++
		c, _ = w.Next(c, turn, flip(test.at, test.changed), false)
		require.Equal(t, test.patches, c.Patches(), test)
		for k := range c.patches {
			behind := 0
			for _, p := range c.patches[k+1:] {
				behind += len(p)
			}
			require.Greater(t, len(c.patches[k]), behind)
		}
	}
}

// Patches that are together longer than some part of the bytes are given up for
// the bytes: the part is from three to five eighths, by the chain.
func TestPatchesThatAreTooLong(t *testing.T) {
	old := encode(records(rand.New(rand.NewPCG(17, 18)), 200, 0))
	for _, since := range []int64{0, 1, 63, 64 + 5} {
		most := len(old) * int(96+since%64) / 256
		for _, over := range []int{0, 1} {
			patch := func(n int) []byte { // that is n bytes longer than it has to be
				p := append(binary.AppendUvarint(nil, uint64(len(old))), binary.AppendUvarint(nil, uint64(n))...)
				p = append(p, old[:n]...)
				p = binary.AppendVarint(p, 0)
				return binary.AppendUvarint(p, uint64(len(old)-n))
			}
			now := bytes.Clone(old)
			now[1000] ^= 0xff
			last := len(new(Maker).Make(old, now, 100))
			long := patch(most + over - last - 7) // the lengths take seven bytes
			require.Equal(t, most+over, len(long)+last)
			c := Chain{sum: digestOf(old), since: since, written: true, base: old, patches: [][]byte{long}}
			next, write := new(Writer).Next(c, since+1, now, false)
			if over == 0 {
				require.Equal(t, 2, next.Patches())
				require.Len(t, write, last)
			} else {
				require.Zero(t, next.Patches())
				require.Equal(t, now, write)
			}
		}
	}
}
