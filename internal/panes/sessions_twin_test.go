package panes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// A diary is a twin of Sessions: it keeps all events of each session, joins those whose
// spans overlap, and fires by the words of the options.
type diary struct {
	book
	sessions []*session2
}

type session2 struct {
	page
	from    window.Time // where what its events still have begins
	shown   []window.Window
	unshown []int
}

func (d *diary) add(key int, t, wm window.Time, n int) (dropped int) {
	span, from := window.Window{Start: t, End: t.Add(d.spec.Gap())}, t
	if t < wm {
		from = max(t, wm.Add(-d.spec.Lateness()))
	}
	var x *session2
	d.sessions = slices.DeleteFunc(d.sessions, func(y *session2) bool {
		if y.key != key || y.End <= from || span.End <= y.from {
			return false
		}
		if x == nil { // it takes the event first
			x = y
			x.Start, x.End, x.from = min(x.Start, t), max(x.End, span.End), min(x.from, from)
			if !x.finished {
				x.unshown = append(x.unshown, n)
			}
			return false
		}
		x.Start, x.End, x.from = min(x.Start, y.Start), max(x.End, y.End), min(x.from, y.from)
		x.events, x.unshown = append(x.events, y.events...), append(x.unshown, y.unshown...)
		x.onTime, x.shown = append(x.onTime, y.onTime...), append(x.shown, y.shown...)
		x.since += y.since
		x.passed, x.finished = x.passed && y.passed, x.finished || y.finished
		return true
	})
	switch {
	case x == nil:
		x = &session2{page: page{Window: span, key: key, passed: span.End <= d.now}, from: from, unshown: []int{n}}
		i := slices.IndexFunc(d.sessions, func(y *session2) bool { return y.from > from })
		if i < 0 {
			i = len(d.sessions)
		}
		d.sessions = slices.Insert(d.sessions, i, x)
	case x.finished: // what no pane has shown is lost
		dropped, x.since = x.since+1, 0
		return dropped
	}
	if x.passed && x.End > d.now {
		x.passed = false
	}
	d.changed = true
	x.since++
	if t >= wm {
		x.onTime = append(x.onTime, t)
	}
	rules, timing := d.spec.Trigger(), Early
	if x.End <= d.now {
		timing = Late
	}
	switch {
	case rules.Once > 0:
		if x.since >= rules.Once {
			d.fire(x, timing)
			x.finished = true
		}
	case timing == Early:
		if rules.EarlyCount > 0 && x.since >= rules.EarlyCount {
			d.fire(x, Early)
		}
	case x.since >= max(1, rules.LateCount):
		d.fire(x, Late)
	}
	return 0
}

func (d *diary) fire(x *session2, timing Timing) {
	if !slices.Contains(x.shown, x.Window) {
		x.panes = 0
	}
	var replaced []window.Window
	for _, w := range x.shown {
		if w != x.Window && !d.spec.Trigger().Discard {
			replaced = append(replaced, w)
		}
	}
	x.shown = []window.Window{x.Window}
	shown := append(x.events, x.unshown...)
	if d.spec.Trigger().Discard {
		shown = x.unshown
	}
	x.page.events, x.page.since = shown, len(shown)
	d.book.fire(&x.page, timing)
	d.fired[len(d.fired)-1].Replaces = replaced
	x.events, x.unshown = shown, nil
}

func (d *diary) advance(wm window.Time) {
	if wm <= d.now {
		return
	}
	d.now = wm
	d.sessions = slices.DeleteFunc(d.sessions, func(x *session2) bool {
		if x.End <= wm && !x.passed {
			if x.passed = true; d.spec.Trigger().Once == 0 {
				d.fire(x, OnTime)
			}
		}
		gone := x.End.Add(d.spec.Lateness()) <= wm
		if gone && x.since > 0 && !x.finished {
			d.fire(x, Late)
		}
		return gone
	})
}

func (d *diary) early() {
	d.changed = false
	for _, x := range d.sessions {
		if x.End > d.now && x.since > 0 && !x.finished {
			d.fire(x, Early)
		}
	}
}

func (d *diary) hold() window.Time {
	hold := window.MaxTime
	for _, x := range d.sessions {
		if !x.passed {
			for _, t := range x.onTime {
				hold = min(hold, t)
			}
		}
	}
	return hold
}

// Sessions with triggers fire as the twin does, wherever they are saved and restored.
func TestSessionsAsTheirTwin(t *testing.T) {
	late := window.Lateness(15)
	for _, spec := range []window.Spec{
		window.Session(10), window.Session(10, late), window.Session(10, window.EarlyCount(2), late), window.Session(10, window.EarlyCount(1), window.Discarding(), late),
		window.Session(10, window.LateCount(2), late), window.Session(10, window.Once(2)), window.Session(10, window.Once(3), late),
		window.Session(10, window.Stamp(window.Earliest), late), window.Session(10, window.Stamp(window.Latest), window.EarlyCount(2), late),
		window.Session(10, window.EarlyEvery(1), late), window.Session(10, window.EarlyEvery(1), window.EarlyCount(2), window.Discarding(), late),
		window.Session(10, window.EarlyEvery(1), window.Stamp(window.Latest)),
		window.Session(10, window.EarlyEvery(1), window.LateCount(3), late),
	} {
		for seed := range uint64(80) {
			var all []fired
			k := kindOf(sums, &all)
			s := NewSessions(spec, k, freely)
			d := &diary{book: book{spec: spec, now: window.MinTime}}
			same := func() {
				t.Helper()
				require.Equal(t, taken(&d.fired), taken(&all), "%v, seed %d", spec, seed)
				require.Equal(t, len(d.sessions), s.Keys())
				require.Equal(t, d.changed, s.Changed())
			}
			play(seed, 1, func(key int, at, wm window.Time, n int) {
				if at < wm && at.Add(10+spec.Lateness()) <= wm {
					return // the caller has made sure that it is not
				}
				var slot uint32
				if slots := s.Probe([]uint64{uint64(key)}, nil); n%2 == 0 {
					slot = slots[0]
				}
				require.Equal(t, d.add(key, at, wm, n), s.Add(at, wm, addingTo(key, n, slot)), "%v, seed %d", spec, seed)
				same()
			}, func(r *rand.Rand, now window.Time) {
				if r.IntN(3) == 0 && spec.Trigger().EarlyEvery > 0 {
					s.Early()
					d.early()
					same()
				}
				s.Advance(now)
				d.advance(now)
				same()
				require.Equal(t, now, s.Watermark())
				if spec.Stamper() != nil {
					require.Equal(t, d.hold(), s.Hold(), "%v, seed %d", spec, seed)
				}
				if r.IntN(5) == 0 {
					was := s
					s = NewSessions(spec, k, freely)
					s.Begin(was.Watermark())
					k.EachCell(was, func(c KeptCell[string, int]) { k.PutCell(s, c) })
					d.changed = slices.ContainsFunc(d.sessions, func(x *session2) bool { return x.since > 0 })
					same()
				}
			})
			require.Zero(t, s.Keys(), fmt.Sprint(spec))
			require.Zero(t, s.cells.size())
		}
	}
}

// Sessions of more keys than are looked at together fire by ascending end, all of
// them, and no further than they may.
func TestSessionsOfManyKeys(t *testing.T) {
	for _, keys := range []int{dueAtOnce - 1, dueAtOnce, dueAtOnce + 1, 3*dueAtOnce + 7} {
		var all []fired
		limit := window.Time(10 + keys/2)
		s := NewSessions(window.Session(10), kindOf(sums, &all), func(t window.Time) window.Time { return min(t, limit) })
		for k := range keys {
			s.Add(window.Time(k), window.MinTime, addingTo(k, 1, 0))
		}
		s.Advance(window.MaxTime)
		require.Len(t, all, keys/2+1)
		limit = window.MaxTime
		s.Advance(window.MaxTime)
		require.Len(t, all, keys)
		require.Zero(t, s.Keys())
		for i, p := range all {
			require.Equal(t, window.Time(i+10), p.Window.End)
		}
	}
}
