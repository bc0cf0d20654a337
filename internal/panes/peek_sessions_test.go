package panes

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// Of sessions it is what those hold that are not over, several of one key, too.
func TestPeekOfSessions(t *testing.T) {
	late := window.Lateness(15)
	for _, spec := range []window.Spec{
		window.Session(10), window.Session(10, late), window.Session(10, window.EarlyCount(2), late),
		window.Session(10, window.EarlyCount(2), window.Discarding(), late), window.Session(10, window.Once(3), late),
	} {
		for seed := range uint64(40) {
			var all []fired
			k := kindOf(sums, &all)
			s := NewSessions(spec, k, freely)
			d := &diary{book: book{spec: spec, now: window.MinTime}}
			play(seed, 1, func(key int, at, wm window.Time, n int) {
				require.Equal(t, Gone(spec, at, wm), at < wm && at.Add(10+spec.Lateness()) <= wm)
				if !Gone(spec, at, wm) {
					d.add(key, at, wm, n)
					s.Add(at, wm, addingTo(key, n, 0))
				}
			}, func(_ *rand.Rand, now window.Time) {
				s.Advance(now)
				d.advance(now)
				all = nil
				for key := range 3 {
					want, got := map[window.Window]int{}, map[window.Window]int{}
					for _, x := range d.sessions {
						if discards := spec.Trigger().Discard; x.key == key && x.End > now && !x.finished && !(discards && len(x.unshown) == 0) {
							for _, n := range x.unshown {
								want[x.Window] += n
							}
							for _, n := range x.events {
								if !discards {
									want[x.Window] += n
								}
							}
						}
					}
					k.Peek(s, uint64(hashOf(key)), fmt.Sprint(key), func(p *Pane[string, int]) {
						require.Equal(t, Early, p.Frame.Timing)
						got[p.Window] += p.Acc
					})
					require.Equal(t, want, got, "%v, seed %d, key %d", spec, seed, key)
				}
				require.Empty(t, all)
			})
		}
	}
}

// A session is gone when the watermark is at its end and the lateness behind it, and not before.
func TestSessionsGone(t *testing.T) {
	spec := window.Session(10, window.Lateness(5))
	require.False(t, Gone(spec, 0, 14))
	require.True(t, Gone(spec, 0, 15))
	require.True(t, Gone(spec, 0, 16))
}

// What comes late for a window that has fired is shown with what its panes before have: of panes, with the slice that ends where it does.
func TestRefinedOfPanes(t *testing.T) {
	var all []fired
	k := kindOf(sums, &all)
	s := NewSliced(window.Tumbling(10, window.Lateness(30)).OfPanes(), k, freely)
	k.CellsOf(s.At(5)).Put(1, "1", 4, 1)
	s.Advance(10)
	require.Len(t, all, 1)
	k.AddLate(s, 5, 10, 1, "1", 3)
	require.Len(t, all, 2)
	require.Equal(t, all[0].Window, all[1].Window)
	require.Equal(t, 7, all[1].Acc)
	s.Advance(39)
	require.Len(t, s.late, 1)
	s.Advance(40)
	require.Empty(t, s.late, "what is past its lateness is forgotten at once")
}

// Sessions of a key are put back in the order of their beginnings, in whichever they come.
func TestSessionsArePutInOrder(t *testing.T) {
	var all []fired
	k := kindOf(sums, &all)
	was, s := NewSessions(window.Session(10), k, freely), NewSessions(window.Session(10), k, freely)
	for _, at := range []window.Time{0, 30, 60, 90} {
		was.Add(at, window.MinTime, adding(1))
	}
	var cells []KeptCell[string, int]
	k.EachCell(was, func(c KeptCell[string, int]) { cells = append(cells, c) })
	for _, i := range []int{2, 0, 3, 1} {
		k.PutCell(s, cells[i])
	}
	var from []window.Time
	for _, x := range *s.runs[0].more {
		from = append(from, x.from)
	}
	require.Equal(t, []window.Time{0, 30, 60, 90}, from)
}
