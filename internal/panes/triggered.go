package panes

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

// Triggered holds windows that fire at other moments than Sliced's do, or
// with other contents. It keeps an accumulator for every window of a key.
type Triggered[K comparable, A any] struct {
	triggers[K, A]
	spec    window.Spec
	open    []*held[K, A] // by end, then start
	now     window.Time
	changed bool // an event was added since the last Early
}

type held[K comparable, A any] struct {
	window.Window
	cells  table.Table[K, cell[A]]
	first  window.Time // the earliest event that was on time
	passed bool
}

// NewTriggered returns an empty store for windows of any kind but session and
// count.
func NewTriggered[K comparable, A any](spec window.Spec, ops Ops[A], emit func(*Pane[K, A])) *Triggered[K, A] {
	return &Triggered[K, A]{triggers: newTriggers(spec, ops, emit), spec: spec, now: window.MinTime}
}

// Watermark returns the watermark of the last Advance.
func (s *Triggered[K, A]) Watermark() window.Time { return s.now }

// Keys returns how many accumulators are held.
func (s *Triggered[K, A]) Keys() int {
	n := 0
	for _, h := range s.open {
		n += h.cells.Len()
	}
	return n
}

// Add adds an event at t to its windows with add; those that are past their
// lateness at watermark wm are left out. It returns how many windows took it.
func (s *Triggered[K, A]) Add(t, wm window.Time, hash uint64, k K, add func(A) A) (taken int) {
	for w := range s.spec.Windows(t) {
		if w.End.Add(s.spec.Lateness()) <= wm && w.End < window.MaxTime {
			continue
		}
		h := s.at(w)
		c := h.cells.Find(hash, k)
		switch {
		case c == nil: // if add panics, the event has not been here
			acc := add(s.ops.New())
			c, _ = h.cells.At(hash, k)
			c.acc = acc
		case c.finished:
			continue
		default:
			c.acc = add(c.acc)
		}
		s.note(c, t, t >= wm)
		if t >= wm {
			h.first = min(h.first, t)
		}
		taken++
		s.changed = true
		s.added(c, w, hash, k, s.now)
	}
	return taken
}

func (s *Triggered[K, A]) at(w window.Window) *held[K, A] {
	i, found := slices.BinarySearchFunc(s.open, w, func(h *held[K, A], w window.Window) int {
		return cmp.Or(cmp.Compare(h.End, w.End), cmp.Compare(h.Start, w.Start))
	})
	if !found {
		s.open = slices.Insert(s.open, i, &held[K, A]{Window: w, first: window.MaxTime, passed: w.End <= s.now})
	}
	return s.open[i]
}

// Advance fires the windows that end at or before wm, by ascending end, and
// forgets those that are past their lateness.
func (s *Triggered[K, A]) Advance(wm window.Time) {
	if wm <= s.now {
		return
	}
	for _, h := range s.open {
		if h.End > wm {
			break
		}
		if h.passed {
			continue
		}
		h.passed = true
		s.now = max(s.now, h.End)
		entries, hashes := h.cells.Entries(), h.cells.Hashes()
		for i := range entries {
			e := &entries[i]
			s.passed(&e.Val, h.Window, hashes[i], e.Key)
		}
	}
	s.now = wm
	s.open = slices.DeleteFunc(s.open, func(h *held[K, A]) bool {
		if h.End.Add(s.spec.Lateness()) > wm {
			return false
		}
		entries, hashes := h.cells.Entries(), h.cells.Hashes()
		for i := range entries {
			e := &entries[i]
			s.last(&e.Val, h.Window, hashes[i], e.Key)
		}
		return true
	})
}

// Hold returns the earliest time that a pane which is still to come on time
// may be stamped with, or MaxTime. It never goes back.
func (s *Triggered[K, A]) Hold() window.Time {
	hold := window.MaxTime
	for _, h := range s.open {
		if !h.passed {
			hold = min(hold, h.first)
		}
	}
	return hold
}

// Changed reports whether an event was added since the last call of Early.
func (s *Triggered[K, A]) Changed() bool { return s.changed }

// Early fires an early pane for each window that has changed since its last
// one and whose end the watermark has not passed.
func (s *Triggered[K, A]) Early() {
	s.changed = false
	for _, h := range s.open {
		if h.passed {
			continue
		}
		entries, hashes := h.cells.Entries(), h.cells.Hashes()
		for i := range entries {
			if e := &entries[i]; e.Val.since > 0 && !e.Val.finished {
				s.fire(&e.Val, h.Window, hashes[i], e.Key, Early)
			}
		}
	}
}
