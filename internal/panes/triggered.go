package panes

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/window"
)

// Triggered holds windows that fire at other moments than Sliced's do, or
// with other contents. It keeps an accumulator for every window of a key.
type Triggered struct {
	triggers
	spec    window.Spec
	kind    Tables
	reach   Reach
	held    []*held // by end, then start
	now     window.Time
	changed bool // an event was added since the last Early
}

type held struct {
	window.Window
	cells  cells
	states []cell      // of the cells, by place
	first  window.Time // the earliest event that was on time
	passed bool
}

func (h *held) at(i int) spot { return spot{h.Window, &h.states[i], h.cells, i, i} }

// NewTriggered returns an empty store for windows of any kind but session and
// count.
func NewTriggered(spec window.Spec, kind Tables, reach Reach) *Triggered {
	return &Triggered{triggers: newTriggers(spec), spec: spec, kind: kind, reach: reach, now: window.MinTime}
}

// Watermark returns how far Advance has come.
func (s *Triggered) Watermark() window.Time { return s.now }

// Keys returns how many accumulators are held.
func (s *Triggered) Keys() int {
	n := 0
	for _, h := range s.held {
		n += h.cells.size()
	}
	return n
}

// Add adds an event at t to its windows; those that are past their lateness at
// watermark wm are left out. It returns how many events will show in no pane:
// this one, if no window has taken it.
func (s *Triggered) Add(t, wm window.Time, e event) (dropped int) {
	taken := false
	if own := e.own(); own != (window.Window{}) {
		taken = s.addTo(own, t, wm, e)
	} else {
		for w := range s.spec.Windows(t) {
			taken = s.addTo(w, t, wm, e) || taken
		}
	}
	if !taken {
		dropped = 1
	}
	return dropped
}

// addTo adds an event to a window, and reports whether that takes it.
func (s *Triggered) addTo(w window.Window, t, wm window.Time, e event) bool {
	if w.End.Add(s.spec.Lateness()) <= wm && w.End < window.MaxTime {
		return false
	}
	h := s.at(w)
	i := e.place(h.cells)
	if i < 0 {
		i = e.insert(h.cells)
		h.states = append(h.states, cell{closed: h.passed})
	} else if h.states[i].finished {
		return false
	} else {
		e.add(h.cells, i)
	}
	s.note(&h.states[i], t, t >= wm)
	if t >= wm {
		h.first = min(h.first, t)
	}
	s.changed = true
	s.added(h.at(i), s.now)
	return true
}

func (s *Triggered) at(w window.Window) *held {
	i, found := slices.BinarySearchFunc(s.held, w, func(h *held, w window.Window) int {
		return cmp.Or(cmp.Compare(h.End, w.End), cmp.Compare(h.Start, w.Start))
	})
	if !found {
		s.held = slices.Insert(s.held, i, &held{Window: w, cells: s.kind.table(), first: window.MaxTime, passed: w.End <= s.now})
	}
	return s.held[i]
}

// Advance fires the windows that end at or before wm, by ascending end, and
// forgets those that are past their lateness. It goes no further than it may
// reach.
func (s *Triggered) Advance(wm window.Time) {
	if wm <= s.now {
		return
	}
	for _, h := range s.held {
		if h.passed {
			continue
		}
		if h.End > wm || s.reach(h.End) < h.End {
			break
		}
		h.passed = true
		s.now = max(s.now, h.End)
		for i := range h.states {
			s.passed(h.at(i))
		}
	}
	s.now = max(s.now, s.reach(wm))
	s.held = slices.DeleteFunc(s.held, func(h *held) bool {
		if h.End.Add(s.spec.Lateness()) > s.now {
			return false
		}
		for i := range h.states {
			s.last(h.at(i))
		}
		return true
	})
}

// Hold returns the earliest time that a pane which is still to come on time
// may be stamped with, or MaxTime. It never goes back.
func (s *Triggered) Hold() window.Time {
	hold := window.MaxTime
	for _, h := range s.held {
		if !h.passed {
			hold = min(hold, h.first)
		}
	}
	return hold
}

// Changed reports whether an event was added since the last call of Early.
func (s *Triggered) Changed() bool { return s.changed }

// Early fires an early pane for each window that has changed since its last
// one and whose end the watermark has not passed.
func (s *Triggered) Early() {
	s.changed = false
	for _, h := range s.held {
		if h.passed {
			continue
		}
		for i := range h.states {
			if c := &h.states[i]; c.since > 0 && !c.finished {
				s.fire(h.at(i), Early)
			}
		}
	}
}

// Probe has nothing to bring near.
func (s *Triggered) Probe([]uint64, []int32) []uint32 { return nil }
