package panes

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/window"
)

// When windows of slices fire, and when slices are forgotten.

// Advance fires the windows that end at or before wm, by ascending end, and
// forgets what is past its lateness. It goes no further than it may reach.
func (s *Sliced) Advance(wm window.Time) {
	if s.Fire(wm) {
		s.Forget()
	}
}

// Fire is Advance without forgetting: Forget has to follow before anything is added. Who sends panes on in
// between need not have them wait for it. Fire reports whether the watermark is another one.
func (s *Sliced) Fire(wm window.Time) bool {
	if wm <= s.now {
		return false
	}
	for {
		end, ok := s.nextEnd()
		if !ok || end > wm || s.reach(end) < end {
			break
		}
		s.fireAll(s.spec.Ending(end))
		if s.fired = end; end == window.MaxTime {
			break
		}
	}
	s.fired = max(s.fired, s.reach(wm))
	s.now, s.had = s.fired, nil
	return true
}

// nextEnd returns the end of the next window that holds anything.
func (s *Sliced) nextEnd() (window.Time, bool) {
	end, ok := window.MaxTime, false
	for _, sl := range s.slices {
		if s.spec.LastEnd(sl.Window) > s.fired {
			end, ok = s.spec.EndAfter(max(s.fired, sl.End-1)), true
			break
		}
	}
	for _, x := range s.late {
		if x.End > s.fired {
			end, ok = min(end, x.End), true
			break
		}
	}
	return end, ok
}

func (s *Sliced) fireAll(w window.Window) {
	s.frame = Frame{Window: w, Timing: OnTime, Stamp: w.End - 1}
	x := s.lateFor(w)
	if s.roll != nil {
		s.roll.leave(w.Start)
		for _, sl := range s.slices {
			if sl.Start >= w.Start && sl.End <= w.End {
				s.roll.enter(sl)
			}
		}
		if c := s.roll.whole(); c != nil && x == nil && s.had == nil {
			c.fireAll(&s.frame)
			return
		}
		s.roll.each(func(c cells, at int, and part) { s.fireKey(x, c, at, and) })
	} else if i, found := slices.BinarySearchFunc(s.slices, w.End, func(sl *Slice, t window.Time) int {
		return cmp.Compare(sl.End, t)
	}); found {
		c := s.slices[i].cells
		if x == nil && s.had == nil {
			c.fireAll(&s.frame)
			return
		}
		for at := range c.size() {
			s.fireKey(x, c, at, part{})
		}
	}
	if x != nil {
		s.fireRest(x)
	}
}

// fireKey fires the window of one key: what a cell holds, and another one, and
// what late events add.
func (s *Sliced) fireKey(x *extra, c cells, at int, and part) {
	s.parts = append(s.parts[:0], part{c, at})
	if and.cells != nil {
		s.parts = append(s.parts, and)
	}
	if x != nil {
		if i := x.cells.find(c, at); i >= 0 {
			x.added[i].fired = true
			s.parts = append(s.parts, part{x.cells, i})
		}
	}
	switch {
	case s.had != nil && s.shown(c.hash(at)):
	case len(s.parts) == 1:
		c.fire(&s.frame, at, at)
	default:
		c.fireMerged(&s.frame, at, s.parts)
	}
}

// lateFor returns what late events add to a window, or nil.
func (s *Sliced) lateFor(w window.Window) *extra {
	for _, x := range s.late {
		if x.Window == w {
			return x
		}
	}
	return nil
}

// fireRest fires the keys of a window that late events alone have.
func (s *Sliced) fireRest(x *extra) {
	for at := range x.added {
		if s.shown(x.cells.hash(at)) {
			continue
		}
		c := &x.added[at]
		if c.panes++; !c.fired {
			x.cells.fire(&s.frame, at, at)
		}
	}
}

// Forget drops the slices whose last window is past its lateness.
func (s *Sliced) Forget() {
	s.late = slices.DeleteFunc(s.late, func(x *extra) bool {
		return x.End.Add(s.spec.Lateness()) <= s.now
	})
	n := 0
	for _, sl := range s.slices {
		if s.spec.LastEnd(sl.Window).Add(s.spec.Lateness()) > s.now {
			break
		}
		n++
	}
	if n == 0 {
		return
	}
	if s.roll != nil {
		s.roll.leave(s.slices[n-1].End)
	}
	s.drop(n)
}

// drop forgets the first n slices, and keeps their memory.
func (s *Sliced) drop(n int) {
	for _, sl := range s.slices[:n] {
		if sl.cells.reset(); len(s.free) < 64 {
			s.free = append(s.free, sl.cells)
		}
	}
	s.last = nil
	s.slices = slices.Delete(s.slices, 0, n)
}

// Begin sets the watermark of a store that is empty. With had, what is put back
// is of several stores, of which some were further: had returns the watermark of
// the one that had a key. Windows that were fired there are not fired again by
// the next Advance, which has to come before any event, and as far as the
// furthest store was.
func (s *Sliced) Begin(wm window.Time, had func(hash uint64) window.Time) {
	s.now, s.fired, s.had = wm, wm, had
}

// shown reports whether the window that is firing was fired for a key before the
// store was put back.
func (s *Sliced) shown(hash uint64) bool { return s.had != nil && s.frame.Window.End <= s.had(hash) }
