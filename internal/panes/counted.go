package panes

import "github.com/freshet-go/freshet/window"

// Counted holds windows of a number of events of a key, in order of arrival.
type Counted struct {
	size   int
	cells  cells
	states []count // of the cells, by place
	frame  Frame
}

type count struct {
	n           int
	first, last window.Time
}

// NewCounted returns an empty store for windows of size events.
func NewCounted(size int, kind Tables) *Counted {
	return &Counted{size: size, cells: kind.table()}
}

// Keys returns how many windows are held.
func (s *Counted) Keys() int { return s.cells.size() }

// Add adds an event, and fires the window that it fills. No event is dropped.
func (s *Counted) Add(t, _ window.Time, e event) (dropped int) {
	at := e.place(s.cells)
	if at < 0 {
		at = e.insert(s.cells)
		s.states = append(s.states, count{first: t, last: t})
	} else {
		e.add(s.cells, at)
	}
	c := &s.states[at]
	if t > window.MinTime && (c.first == window.MinTime || t < c.first) { // one without a time says nothing about it
		c.first = t
	}
	c.last = max(c.last, t)
	if c.n++; c.n == s.size {
		s.fire(at)
		s.cells.remove(at)
		last := len(s.states) - 1
		s.states[at] = s.states[last]
		s.states = s.states[:last]
	}
	return 0
}

func (s *Counted) fire(at int) {
	c := s.states[at]
	s.frame = Frame{Window: window.Window{Start: c.first, End: c.last.Add(1)}, Timing: OnTime, Stamp: c.last}
	s.cells.fire(&s.frame, at, at)
}

// Advance fires the windows that are not full at the end of time: nothing
// follows. It does nothing before.
func (s *Counted) Advance(wm window.Time) {
	if wm < window.MaxTime {
		return
	}
	for at := range s.states {
		s.fire(at)
	}
	s.cells.reset()
	s.states = s.states[:0]
}

// The rest makes windows of a number of events fit among those of time.

// Watermark returns the beginning of time: no event is late.
func (s *Counted) Watermark() window.Time { return window.MinTime }

// Begin does nothing.
func (s *Counted) Begin(window.Time) {}

// Changed reports that there is nothing for early panes.
func (s *Counted) Changed() bool { return false }

// Early does nothing.
func (s *Counted) Early() {}

// Hold returns the end of time: panes have no stamps of their own.
func (s *Counted) Hold() window.Time { return window.MaxTime }

// Probe has nothing to bring near.
func (s *Counted) Probe([]uint64, []int32) []uint32 { return nil }
