package panes

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// Who asks is given what each window has that the watermark has not passed, as an early firing would give it, and nothing changes by it.
func TestPeek(t *testing.T) {
	late := window.Lateness(15)
	for _, spec := range []window.Spec{
		window.Tumbling(10), window.Tumbling(10, late), window.Tumbling(7, window.Offset(3)), window.Sliding(30, 10), window.Sliding(30, 10, late),
		window.Sliding(25, 10, window.Lateness(4)), window.Cumulating(40, 10), window.Cumulating(40, 10, late), window.Global(),
	} {
		for seed := range uint64(10) {
			var all []fired
			k := kindOf(sums, &all)
			s := NewSliced(spec, k, freely)
			b := &book{spec: spec, now: window.MinTime}
			play(seed, 1, func(key int, at, wm window.Time, n int) {
				late := at < wm
				switch b.add(key, at, wm, n); {
				case s.Gone(at, wm):
				case late:
					k.AddLate(s, at, wm, uint64(key), fmt.Sprint(key), n)
				default:
					k.CellsOf(s.At(at)).Put(uint64(key), fmt.Sprint(key), n, 1)
				}
			}, func(_ *rand.Rand, now window.Time) {
				s.Advance(now)
				b.advance(now)
				all = nil
				for key := range 3 {
					want := []fired{}
					for _, p := range b.pages {
						if p.key == key && p.End > now {
							f := fired{Frame: Frame{Window: p.Window, Timing: Early, Stamp: p.End - 1}, Key: fmt.Sprint(key)}
							for _, n := range p.events {
								f.Acc += n
							}
							want = append(want, f)
						}
					}
					got := []fired{}
					k.Peek(s, uint64(key), fmt.Sprint(key), func(p *Pane[string, int]) {
						got = append(got, fired{*p.Frame, p.Key, p.Acc})
					})
					for i := 1; i < len(got); i++ {
						require.LessOrEqual(t, got[i-1].Window.End, got[i].Window.End, "by ascending end")
					}
					found := false
					k.EachOpen(s, func(_ uint64, is string) { found = found || is == fmt.Sprint(key) })
					require.Equal(t, len(want) > 0, found, "%v, seed %d", spec, seed)
					require.Equal(t, taken(&want), taken(&got), "%v, seed %d", spec, seed)
				}
				require.Empty(t, all)
			})
		}
	}
}

// Of windows that fire early, too, it is what no pane has shown if they discard.
func TestPeekOfTriggers(t *testing.T) {
	late := window.Lateness(15)
	for _, spec := range []window.Spec{
		window.Tumbling(10, window.EarlyCount(2), late), window.Tumbling(20, window.EarlyCount(2), window.Discarding(), late), window.Sliding(30, 10, window.EarlyCount(3)),
	} {
		for seed := range uint64(20) {
			var all []fired
			k := kindOf(sums, &all)
			s := NewTriggered(spec, k, freely)
			b := &book{spec: spec, now: window.MinTime}
			play(seed, 1, func(key int, at, wm window.Time, n int) {
				require.Equal(t, b.add(key, at, wm, n), s.Add(at, wm, addingTo(key, n, 0)))
			}, func(_ *rand.Rand, now window.Time) {
				s.Advance(now)
				b.advance(now)
				for key := range 3 {
					var want, got []fired
					open := false
					for _, p := range b.pages {
						if p.key != key || p.End <= now {
							continue
						}
						open = true
						if spec.Trigger().Discard && p.since == 0 {
							continue
						}
						f := fired{Frame: Frame{Window: p.Window, Timing: Early, Index: p.panes, Stamp: p.End - 1}, Key: fmt.Sprint(key)}
						for i, n := range p.events {
							if !spec.Trigger().Discard || i >= len(p.events)-p.since {
								f.Acc += n
							}
						}
						want = append(want, f)
					}
					k.Peek(s, uint64(hashOf(key)), fmt.Sprint(key), func(p *Pane[string, int]) { got = append(got, fired{*p.Frame, p.Key, p.Acc}) })
					found := false
					k.EachOpen(s, func(_ uint64, is string) { found = found || is == fmt.Sprint(key) })
					require.Equal(t, open, found)
					require.Equal(t, taken(&want), taken(&got), "%v, seed %d, key %d", spec, seed, key)
				}
			})
		}
	}
}
