package panes

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

func adding(n int) *Event[string, int] {
	return &Event[string, int]{Hash: 7, Key: "k", Fold: func(acc int) int { return acc + n }}
}

// shown are the panes that were not replaced.
func shown(all []fired) map[window.Window]int {
	left := map[window.Window]int{}
	for _, p := range all {
		for _, w := range p.Replaces {
			delete(left, w)
		}
		left[p.Window] = p.Acc
	}
	return left
}

func seconds(n int) window.Time { return window.Time(n) * window.Time(time.Second) }

// A late event does not join a session that is over for it, be the session
// gone, or still there because the store has not been told the watermark yet,
// as behind events of the same batch.
func TestLateEventBesideSessionThatIsOver(t *testing.T) {
	for _, lateness := range []time.Duration{0, 2 * time.Second} {
		over := seconds(20).Add(lateness)
		for _, told := range []bool{false, true} {
			var all []fired
			s := NewSessions(window.Session(10*time.Second, window.Lateness(lateness)), kindOf(sums, &all), freely)
			require.Zero(t, s.Add(seconds(10), seconds(0), adding(1)))
			if told {
				s.Advance(over)
			}
			require.Zero(t, s.Add(seconds(19), over, adding(1)))
			require.Zero(t, s.Add(seconds(18), over, adding(1)))
			require.Zero(t, s.Add(seconds(28), over, adding(1)))
			s.Advance(window.MaxTime)
			require.Equal(t, map[window.Window]int{{Start: seconds(10), End: seconds(20)}: 1, {Start: seconds(18), End: seconds(38)}: 3}, shown(all), "lateness %v, told %v", lateness, told)
			require.Zero(t, s.Keys())
		}
	}
}

// Another partition is behind, and its event joins the two.
func TestSessionsThatOverlapAreJoined(t *testing.T) {
	var all []fired
	s := NewSessions(window.Session(10*time.Second), kindOf(sums, &all), freely)
	s.Add(seconds(10), seconds(0), adding(1))
	s.Add(seconds(18), seconds(20), adding(1))
	require.Equal(t, 2, s.Keys())
	s.Add(seconds(9), seconds(5), adding(1))
	require.Equal(t, 2, s.Keys(), "for the second, what ends by 20 is over")
	s.Add(seconds(19), seconds(5), adding(1))
	require.Equal(t, 1, s.Keys())
	s.Advance(window.MaxTime)
	require.Equal(t, map[window.Window]int{{Start: seconds(9), End: seconds(29)}: 4}, shown(all))
}

// Sessions merge over the event that joins them, and one whose function
// panics on an event has not seen it.
func TestSessions(t *testing.T) {
	var all []fired
	s := NewSessions(window.Session(10), kindOf(sums, &all), freely)
	s.Add(0, window.MinTime, adding(1))
	s.Add(18, window.MinTime, adding(2))
	require.Equal(t, 2, s.Keys())
	bad := &Event[string, int]{Hash: 7, Key: "k", Fold: func(int) int { panic("no") }}
	require.Panics(t, func() { s.Add(9, window.MinTime, bad) })
	bad.Hash, bad.Key = 8, "other"
	require.Panics(t, func() { s.Add(9, window.MinTime, bad) })
	require.Equal(t, 2, s.Keys())
	s.Add(9, window.MinTime, adding(4))
	require.Equal(t, 1, s.Keys())
	s.Advance(27)
	require.Empty(t, all)
	s.Advance(28)
	require.Len(t, all, 1)
	require.Equal(t, window.Window{Start: 0, End: 28}, all[0].Window)
	require.Equal(t, 7, all[0].Acc)
	require.Zero(t, s.Keys())
}

// A pane says which earlier panes it replaces, in whatever steps sessions have
// become one.
func TestReplaces(t *testing.T) {
	var all []fired
	s := NewSessions(window.Session(10, window.Lateness(100), window.EarlyCount(1)), kindOf(sums, &all), freely)
	for _, at := range []window.Time{0, 15, 30, 8} {
		s.Add(at, window.MinTime, adding(1))
	}
	last := all[len(all)-1]
	require.Equal(t, window.Window{Start: 0, End: 25}, last.Window)
	require.Equal(t, []window.Window{{Start: 0, End: 10}, {Start: 15, End: 25}}, last.Replaces)
	require.Zero(t, last.Index)
	s.Add(9, window.MinTime, adding(1))
	last = all[len(all)-1]
	require.Equal(t, 1, last.Index)
	require.Empty(t, last.Replaces)
	s.Advance(50)
	require.Equal(t, map[window.Window]int{{Start: 0, End: 25}: 4, {Start: 30, End: 40}: 1}, shown(all))
	s.Add(24, 50, adding(1))
	require.Equal(t, map[window.Window]int{{Start: 0, End: 40}: 6}, shown(all))
}

// What is shown in the end is what the definition says, whatever the order in
// which partitions are read, how late the store is told their watermark, and
// wherever it is saved and restored.
func TestSessionsAreWhatEventsSay(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		gap, lateness := window.Time(1+r.IntN(10)), window.Time(r.IntN(3)*r.IntN(20))
		parts := make([][]arrival, 1+r.IntN(3))
		for p := range parts {
			wm := window.MinTime
			now := window.Time(r.IntN(20))
			for range r.IntN(12) {
				now += window.Time(r.IntN(12))
				at := now - window.Time(r.IntN(4)*r.IntN(20))
				parts[p] = append(parts[p], arrival{at, wm})
				wm = max(wm, at)
			}
		}
		want := sessionsOf(gap, lateness, parts)
		spec := window.Session(time.Duration(gap), window.Lateness(time.Duration(lateness)))
		for range 4 {
			var all []fired
			k := kindOf(sums, &all)
			s := NewSessions(spec, k, freely)
			at := make([]int, len(parts))
			for left := true; left; {
				p := r.IntN(len(parts))
				for range r.IntN(5) {
					if at[p] < len(parts[p]) {
						a := parts[p][at[p]]
						at[p]++
						if a.accepted(gap, lateness) {
							require.Zero(t, s.Add(a.at, max(a.wm, s.now), adding(1)))
						}
					}
				}
				low := window.MaxTime
				left = false
				for p := range parts {
					if at[p] < len(parts[p]) {
						low, left = min(low, parts[p][at[p]].wm), true
					}
				}
				if r.IntN(2) == 0 && left {
					s.Advance(low)
				}
				if r.IntN(8) == 0 {
					was := s
					s = NewSessions(spec, k, freely)
					s.Begin(was.now)
					k.EachCell(was, func(c KeptCell[string, int]) { k.PutCell(s, c) })
				}
			}
			s.Advance(window.MaxTime)
			require.Equal(t, want, shown(all), "seed %d", seed)
			require.Zero(t, s.Keys())
			require.Zero(t, s.cells.size())
			require.Equal(t, len(s.cells.(*Cells[string, int]).spares), len(s.cells.(*Cells[string, int]).free), "spare accumulators come back")
		}
	}
}

// An arrival is an event, and the watermark of its partition when it came.
type arrival struct{ at, wm window.Time }

func (a arrival) accepted(gap, lateness window.Time) bool {
	return a.at >= a.wm || a.at+gap+lateness > a.wm
}

// sessionsOf counts the events of each session, by the definition: two events
// are of one session if the spans overlap which they still have.
func sessionsOf(gap, lateness window.Time, parts [][]arrival) map[window.Window]int {
	type span struct{ at, from window.Time }
	var spans []span
	for _, p := range parts {
		for _, a := range p {
			if a.accepted(gap, lateness) {
				s := span{a.at, a.at}
				if a.at < a.wm {
					s.from = max(a.at, a.wm-lateness)
				}
				spans = append(spans, s)
			}
		}
	}
	want := map[window.Window]int{}
	for len(spans) > 0 {
		group := spans[:1:1]
		spans = spans[1:]
		for i := 0; i < len(group); i++ {
			spans = slices.DeleteFunc(spans, func(s span) bool {
				joins := s.from < group[i].at+gap && group[i].from < s.at+gap
				if joins {
					group = append(group, s)
				}
				return joins
			})
		}
		w := window.Window{Start: window.MaxTime, End: window.MinTime}
		for _, s := range group {
			w.Start, w.End = min(w.Start, s.at), max(w.End, s.at+gap)
		}
		want[w] = len(group)
	}
	return want
}
