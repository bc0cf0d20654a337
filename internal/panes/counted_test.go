package panes

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// addingTo is an event of n of the k-th key. Probe may have found it at a slot, or
// think so.
func addingTo(k, n int, slot uint32) *Event[string, int] {
	return &Event[string, int]{Hash: hashOf(k), Key: fmt.Sprint(k), Slot: slot, Fold: func(acc int) int { return acc + n }}
}

func hashOf(k int) uint64 { return uint64(k) * 0x9E3779B97F4A7C15 }

// Windows of a number of events are held against their definition: of each key, the
// events in their order, so many at a time, and at the end those that are left. A
// window spans the times of its events, and those without one say nothing about it.
func TestCounted(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 11))
		size := 1 + r.IntN(5)
		var all, want []fired
		k := kindOf(sums, &all)
		s := NewCounted(size, k)
		type open struct {
			n, sum int
			times  []window.Time
		}
		keys := map[int]*open{}
		close := func(key int) {
			o := keys[key]
			delete(keys, key)
			w := window.Window{Start: window.MinTime, End: window.MinTime}
			for _, at := range o.times {
				if w.Start == window.MinTime || at < w.Start {
					w.Start = at
				}
				w.End = max(w.End, at)
			}
			w.End = w.End.Add(1)
			want = append(want, fired{Frame{Window: w, Timing: OnTime, Stamp: w.End - 1}, fmt.Sprint(key), o.sum})
		}
		for range r.IntN(60) {
			key, n, at := r.IntN(4), r.IntN(100), window.Time(r.IntN(50)-25)
			if r.IntN(5) == 0 {
				at = window.MinTime
			}
			if keys[key] == nil {
				keys[key] = &open{}
			}
			o := keys[key]
			o.n, o.sum = o.n+1, o.sum+n
			if at > window.MinTime {
				o.times = append(o.times, at)
			}
			if o.n == size {
				close(key)
			}
			require.Zero(t, s.Add(at, window.MinTime, addingTo(key, n, uint32(r.IntN(4)))))
			require.Equal(t, want, all, "seed %d", seed)
			require.Equal(t, len(keys), s.Keys())
			if r.IntN(10) == 0 { // it is saved and restored
				was := s
				s = NewCounted(size, k)
				s.Begin(0)
				k.EachCell(was, func(c KeptCell[string, int]) { k.PutCell(s, c) })
			}
			s.Advance(window.MaxTime - 1)
		}
		s.Advance(window.MaxTime)
		require.Len(t, all, len(want)+len(keys), "those that were not full")
		for key := range keys {
			close(key)
		}
		require.ElementsMatch(t, want, all)
		require.Zero(t, s.Keys())
		s.Advance(window.MaxTime)
		require.Len(t, all, len(want), "once")
	}
}

// Windows of a number of events have no part in time.
func TestCountedKnowsNoTime(t *testing.T) {
	s := NewCounted(2, kindOf(sums, nil))
	s.Add(5, 9, adding(1))
	s.Early()
	require.False(t, s.Changed())
	require.Equal(t, window.MinTime, s.Watermark())
	require.Equal(t, window.MaxTime, s.Hold())
	require.Nil(t, s.Probe([]uint64{7}, nil))
}

// An event finds its key by the slot that Probe has given, or else by its hash.
func TestSlots(t *testing.T) {
	var all []fired
	s := NewSessions(window.Session(10), kindOf(sums, &all), freely)
	for k := range 3 {
		s.Add(0, 0, addingTo(k, 1, 0))
	}
	slots := s.Probe([]uint64{hashOf(0), hashOf(1), hashOf(2), hashOf(9)}, nil)
	require.Equal(t, []uint32{1, 2, 3, 0}, slots)
	for k, slot := range []uint32{slots[0], slots[1], slots[2]} {
		e := addingTo(k, 1, slot)
		e.Hash = 77 // which would not be found
		require.Equal(t, k, e.place(s.cells))
	}
	for _, slot := range []uint32{0, 1, 2, 4, 5, 1 << 31} {
		require.Equal(t, 2, addingTo(2, 1, slot).place(s.cells), "slot %d is another's, or none", slot)
	}
	require.Equal(t, -1, addingTo(9, 1, 2).place(s.cells))
}
