package panes

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/window"
)

// Several stores of which some are further than others become one, which goes on
// as if each had come as far as the furthest: no window fires twice, and none is
// left out.
func TestStoresApart(t *testing.T) {
	plain := sums
	plain.Sub = nil
	for _, ops := range []Ops[int]{sums, plain} {
		for _, spec := range []window.Spec{
			window.Tumbling(10), window.Sliding(30, 10), window.Cumulating(50, 10), window.Tumbling(10, window.Lateness(40)),
			window.Sliding(30, 10, window.Lateness(40)), window.Cumulating(50, 10, window.Lateness(15)),
		} {
			for seed := range uint64(200) {
				rng := rand.New(rand.NewPCG(seed, 1))
				at := [3]window.Time{}
				for i := range at {
					at[i] = window.Time(20 + rng.IntN(100))
				}
				furthest := slices.Max(at[:])
				want := playApart(spec, ops, seed, func(i int, s *Sliced, k *Kind[string, int]) (*Sliced, *Kind[string, int]) {
					s.Advance(at[i])
					s.Advance(furthest)
					return s, k
				})
				var one *Sliced
				var kind *Kind[string, int]
				got := playApart(spec, ops, seed, func(i int, s *Sliced, k *Kind[string, int]) (*Sliced, *Kind[string, int]) {
					if s.Advance(at[i]); one == nil {
						one, kind = NewSliced(spec, k, freely), k
						one.Begin(slices.Min(at[:]), func(hash uint64) window.Time { return at[hash] })
					}
					k.EachSlice(s, func(x Kept[string, int]) { kind.PutSlice(one, x) })
					if i == len(at)-1 {
						one.Advance(furthest)
					}
					return one, kind
				})
				if !reflect.DeepEqual(want, got) {
					t.Fatalf("%v, seed %d:\nwant %v\ngot  %v", spec, seed, want, got)
				}
			}
		}
	}
}

// playApart adds events of chance to three stores, each of a key of its own, has
// them become others, and adds further ones to those. It returns what fires.
func playApart(spec window.Spec, ops Ops[int], seed uint64, become func(int, *Sliced, *Kind[string, int]) (*Sliced, *Kind[string, int])) (all []fired) {
	rng := rand.New(rand.NewPCG(seed, 2))
	add := func(i int, s *Sliced, k *Kind[string, int]) {
		for range 30 {
			t, n := window.Time(rng.IntN(150)), rng.IntN(100)
			switch now := s.Watermark(); {
			case t >= now:
				k.CellsOf(s.At(t)).Put(uint64(i), fmt.Sprint(i), n, 1)
			case !s.Gone(t, now):
				k.AddLate(s, t, now, uint64(i), fmt.Sprint(i), n)
			}
		}
	}
	var stores [3]*Sliced
	var kinds [3]*Kind[string, int]
	for i := range stores {
		k := kindOf(ops, &all)
		s := NewSliced(spec, k, freely)
		add(i, s, k)
		s.Advance(window.Time(rng.IntN(20)))
		add(i, s, k)
		stores[i], kinds[i] = s, k
	}
	for i := range stores {
		stores[i], kinds[i] = become(i, stores[i], kinds[i])
	}
	for i, s := range stores {
		add(i, s, kinds[i])
	}
	for _, s := range stores {
		s.Advance(window.MaxTime)
	}
	slices.SortFunc(all, func(a, b fired) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Window.End, b.Window.End), cmp.Compare(a.Window.Start, b.Window.Start), cmp.Compare(a.Index, b.Index))
	})
	return all
}
