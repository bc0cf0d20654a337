package panes

import (
	"slices"

	"github.com/freshet-go/freshet/window"
)

// A cell is one window of one key, and how its triggers stand. There is one
// for each open window of each key, so it holds what nearly all need.
type cell struct {
	memory   *memory // what only some need
	since    int32   // events since the last pane
	index    int32   // panes of this window so far
	finished bool    // fired once and for all
	closed   bool    // the on-time pane has been emitted
	ref      uint32  // of a session, see there
}

// A memory is what a cell remembers for stamps, and once it has fired.
type memory struct {
	has         bool            // first and last are set
	first, last window.Time     // of the events that were on time
	shown       []window.Window // whose last panes no other pane has replaced
}

func (c *cell) remember() *memory {
	if c.memory == nil {
		c.memory = &memory{}
	}
	return c.memory
}

// A spot is a window of one key: its accumulator and its cell.
type spot struct {
	window.Window
	*cell
	cells cells
	key   int // the place of the key
	acc   int // the place of the accumulator
}

// triggers emits panes for cells as their triggers say.
type triggers struct {
	rules  window.Trigger
	stamp  window.Stamper // nil for the end of the window
	shot   bool           // a window fires one pane at most
	counts bool           // the number of events may fire a window that is open
	frame  Frame
}

func newTriggers(spec window.Spec) triggers {
	return triggers{
		rules: spec.Trigger(), stamp: spec.Stamper(),
		shot:   spec.Default() && spec.Lateness() == 0,
		counts: spec.Trigger().Once > 0 || spec.Trigger().EarlyCount > 0,
	}
}

// note counts an event at t; onTime says that it was not behind the watermark.
func (x *triggers) note(c *cell, t window.Time, onTime bool) {
	c.since++
	if x.stamp == nil || !onTime {
		return
	}
	m := c.remember()
	if !m.has {
		m.first, m.last, m.has = t, t, true
		return
	}
	m.first, m.last = min(m.first, t), max(m.last, t)
}

// join adds what b holds to s: the two have become one window. If one of them
// has fired once and for all, so has that window, and what the other held is
// lost: join returns how many events that are.
func (x *triggers) join(s spot, b *cell, acc int) (lost int) {
	c := s.cell
	s.cells.absorb(s.acc, acc)
	c.since += b.since
	c.closed = c.closed && b.closed
	c.finished = c.finished || b.finished
	if o := b.memory; o != nil {
		m := c.remember()
		m.shown = append(m.shown, o.shown...)
		switch {
		case o.has && m.has:
			m.first, m.last = min(m.first, o.first), max(m.last, o.last)
		case o.has:
			m.first, m.last, m.has = o.first, o.last, true
		}
	}
	if c.finished {
		lost, c.since = int(c.since), 0
		s.cells.blank(s.acc)
	}
	return lost
}

// added fires what an event that was added to s triggers at watermark now.
func (x *triggers) added(s spot, now window.Time) {
	switch n := int(s.since); {
	case x.rules.Once > 0:
		if n >= x.rules.Once {
			x.fire(s, timing(s.Window, now))
			s.finished = true
			s.cells.blank(s.acc)
		}
	case s.End > now:
		if x.rules.EarlyCount > 0 && n >= x.rules.EarlyCount {
			x.fire(s, Early)
		}
	case n >= max(1, x.rules.LateCount):
		x.fire(s, Late)
	}
}

func timing(w window.Window, now window.Time) Timing {
	if w.End > now {
		return Early
	}
	return Late
}

// passed fires the on-time pane of s: the watermark has passed its end.
func (x *triggers) passed(s spot) {
	if x.rules.Once == 0 && !s.closed {
		x.fire(s, OnTime)
	}
	s.closed = true
}

// last fires what no pane has shown before s is forgotten.
func (x *triggers) last(s spot) {
	if s.since > 0 && !s.finished {
		x.fire(s, Late)
	}
}

func (x *triggers) fire(s spot, timing Timing) {
	x.frame = Frame{Window: s.Window, Timing: timing, Stamp: s.End - 1}
	if !x.shot || s.memory != nil { // or it had other triggers once
		x.frame.Replaces = x.show(s)
		if m := s.memory; x.stamp != nil && m.has {
			x.frame.Stamp = x.stamp(s.Window, m.first, m.last)
		} else if x.stamp != nil {
			x.frame.Stamp = x.stamp(s.Window, s.End-1, s.End-1)
		}
	}
	x.frame.Index = int(s.index)
	s.index++
	s.since = 0
	s.cells.fire(&x.frame, s.key, s.acc)
	if x.rules.Discard {
		s.cells.blank(s.acc)
	}
}

// show notes that a pane of s is shown, and returns the windows whose last
// panes it replaces. A pane that is discarded is a part, and replaces none.
func (x *triggers) show(s spot) (replaced []window.Window) {
	m := s.remember()
	if len(m.shown) == 1 && m.shown[0] == s.Window {
		return nil
	}
	if !slices.Contains(m.shown, s.Window) {
		s.index = 0
	}
	if !x.rules.Discard {
		for _, w := range m.shown {
			if w != s.Window {
				replaced = append(replaced, w)
			}
		}
	}
	m.shown = append(m.shown[:0], s.Window)
	return replaced
}
