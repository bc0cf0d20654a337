package panes

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/window"
)

func addingUp() *Kind[int64, int64] {
	k := &Kind[int64, int64]{Ops: Ops[int64]{
		New:   func() int64 { return 0 },
		Merge: func(a, b int64) int64 { return a + b },
	}, Emit: func(*Pane[int64, int64]) {}}
	k.AddsUp()
	return k
}

// Sums that were copied are what they were then, whatever the store does meanwhile. With what EachSlice gives, they are all that there is.
func TestCopiedSums(t *testing.T) {
	for _, spec := range []window.Spec{window.Tumbling(time.Hour), window.Sliding(3*time.Hour, time.Hour), window.Calendar(window.Day, time.UTC)} {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 1))
			k := addingUp()
			s := NewSliced(spec, k, nil)
			type place struct {
				key        int64
				start, end window.Time
			}
			want := map[place]int64{}
			add := func() {
				for range 1 + r.IntN(5) {
					at := window.Time(r.Int64N(int64(72 * time.Hour)))
					sl := s.At(at)
					n := r.IntN(700)
					keys, hashes, terms := make([]int64, n), make([]uint64, n), make([]int64, n)
					for i := range n {
						keys[i], terms[i] = r.Int64N(1000)-1, r.Int64()
						hashes[i] = keyhash.Integer(uint64(keys[i]))
						p := place{key: keys[i], start: sl.Start}
						if spec.Kind() == window.KindCalendar {
							p.end = sl.End
						}
						want[p] += terms[i]
					}
					k.CellsOf(sl).AddUp(hashes, keys, nil, terms)
				}
				if r.IntN(2) == 0 { // one slice that is in a table
					k.CellsOf(s.At(0)).settle()
				}
			}
			for range 3 {
				add()
				c := k.CopySums(s)
				require.LessOrEqual(t, c.Len(), len(want))
				got := map[place]int64{}
				k.EachSlice(s, func(x Kept[int64, int64]) { got[place{x.Key, x.Start, x.End}] += x.Acc })
				require.Len(t, got, len(want)-c.Len())
				was := maps.Clone(want)
				add() // as the stream goes on
				c.Each(func(hash uint64, kept unsafe.Pointer) {
					x := *(*Kept[int64, int64])(kept)
					require.Equal(t, keyhash.Integer(uint64(x.Key)), hash)
					require.Equal(t, Kept[int64, int64]{Hash: hash, Key: x.Key, Start: x.Start, Acc: x.Acc, End: x.End}, x)
					got[place{x.Key, x.Start, x.End}] += x.Acc
				})
				require.Equal(t, was, got)
				require.Nil(t, c.pairs, "they are another checkpoint's now")
			}
		}
	}
}

// Keys come in the order in which the store has them, so that a piece of a checkpoint is like the one before.
func TestCopiedSumsInOrder(t *testing.T) {
	k := addingUp()
	s := NewSliced(window.Tumbling(time.Hour), k, nil)
	var keys []int64
	var hashes []uint64
	for i := range int64(5000) {
		keys = append(keys, i*7919%5000)
		hashes = append(hashes, keyhash.Integer(uint64(keys[i])))
	}
	k.CellsOf(s.At(0)).AddUp(hashes, keys, nil, keys)
	c := k.CopySums(s)
	require.Equal(t, len(keys), c.Len())
	var got []int64
	c.Each(func(_ uint64, kept unsafe.Pointer) { got = append(got, (*Kept[int64, int64])(kept).Key) })
	require.Equal(t, keys, got)

	first := unsafe.SliceData(<-s.spare)
	s.spare <- unsafe.Slice(first, len(keys))
	require.Equal(t, first, unsafe.SliceData(k.CopySums(s).pairs), "the memory is used again")
}
