package panes

import "github.com/freshet-go/freshet/window"

// What windows hold that the watermark has not passed, for whoever asks. Asking changes nothing.

// A Peeker is a store that can be asked.
type Peeker interface {
	peek(one cells)     // fires what the open windows of a key hold: the only one of a table
	open(f func(cells)) // calls f with the tables that have keys of open windows, and maybe of others
}

// Peek calls f with what each open window of a key holds, by ascending end: with the pane that an early firing would
// give now. It merges the slices of each window, of which nothing is kept.
func (k *Kind[K, A]) Peek[_ lazily](s Peeker, hash uint64, key K, f func(*Pane[K, A])) {
	if k.one == nil {
		k.one = &Cells[K, A]{kind: k}
	}
	k.one.Table.Reset()
	k.one.Table.At(hash, key)
	emit := k.Emit
	k.Emit = f
	defer func() { k.Emit = emit }()
	s.peek(k.one)
}

// EachOpen calls f with each key that may have an open window, some of them several times.
func (k *Kind[K, A]) EachOpen[_ lazily](s Peeker, f func(hash uint64, key K)) {
	s.open(func(c cells) {
		c.(*Cells[K, A]).Each(func(hash uint64, key *K, _ *A, _ int64) { f(hash, *key) })
	})
}

// A found part is what a slice, or late events of a window, hold of a key.
type found struct {
	window.Window
	part
	late bool
}

func (s *Sliced) peek(one cells) {
	var all []found
	for _, sl := range s.slices {
		if s.spec.LastEnd(sl.Window) <= s.fired {
			continue
		}
		if at, is := sl.cells.has(one, 0); is {
			all = append(all, found{sl.Window, part{sl.cells, at}, false})
		}
	}
	for _, x := range s.late {
		if x.End <= s.fired {
			continue
		}
		if at, is := x.cells.has(one, 0); is {
			all = append(all, found{x.Window, part{x.cells, at}, true})
		}
	}
	var parts []part
	for end, some := s.endOf(all, s.fired); some; end, some = s.endOf(all, end) {
		w := s.spec.Ending(end)
		parts = parts[:0]
		for i := range all {
			if s.holds(w, &all[i]) {
				parts = append(parts, all[i].part)
			}
		}
		if len(parts) > 0 {
			one.fireMerged(&Frame{Window: w, Timing: Early, Stamp: w.End - 1}, 0, parts)
		}
	}
	for _, x := range all {
		x.cells.release(x.at)
	}
}

// endOf returns the earliest end after a time of a window that may hold some of what was found.
func (s *Sliced) endOf(all []found, after window.Time) (end window.Time, some bool) {
	end = window.MaxTime
	for i := range all {
		x := &all[i]
		switch {
		case x.late:
			if x.End > after {
				end, some = min(end, x.End), true
			}
		case s.spec.LastEnd(x.Window) > after:
			end, some = min(end, s.spec.EndAfter(max(after, x.End-1))), true
		}
	}
	return end, some && after < window.MaxTime
}

// holds reports whether what was found is in a window.
func (s *Sliced) holds(w window.Window, x *found) bool {
	switch {
	case x.late:
		return x.Window == w
	case s.roll == nil: // a window is a slice
		return x.End == w.End
	}
	return x.Start >= w.Start && x.End <= w.End
}

func (s *Sliced) open(f func(cells)) {
	for _, sl := range s.slices {
		if s.spec.LastEnd(sl.Window) > s.fired {
			f(sl.cells)
		}
	}
	for _, x := range s.late {
		if x.End > s.fired {
			f(x.cells)
		}
	}
}

func (s *Triggered) peek(one cells) {
	for _, h := range s.held {
		if h.End <= s.now {
			continue
		}
		if at, is := h.cells.has(one, 0); is {
			s.triggers.peek(h.at(at), one)
		}
	}
}

func (s *Triggered) open(f func(cells)) {
	for _, h := range s.held {
		if h.End > s.now {
			f(h.cells)
		}
	}
}

func (s *Sessions) peek(one cells) {
	at, is := s.cells.has(one, 0)
	if !is {
		return
	}
	r := &s.runs[at]
	several := []session{r.one}
	if r.more != nil {
		several = *r.more
	}
	for i := range several {
		if x := &several[i]; x.End > s.now {
			s.triggers.peek(s.at(at, x), one)
		}
	}
}

func (s *Sessions) open(f func(cells)) { f(s.cells) }

// peek fires what a window holds, if any pane of it may still come with that.
func (x *triggers) peek(s spot, one cells) {
	if s.finished || x.rules.Discard && s.since == 0 {
		return
	}
	one.fireMerged(&Frame{Window: s.Window, Timing: Early, Index: int(s.index), Stamp: s.End - 1}, 0, []part{{s.cells, s.acc}})
}

func (s *Counted) peek(one cells) {
	if at, is := s.cells.has(one, 0); is {
		c := s.states[at]
		one.fireMerged(&Frame{Window: window.Window{Start: c.first, End: c.last.Add(1)}, Timing: Early, Stamp: c.last}, 0, []part{{s.cells, at}})
	}
}

func (s *Counted) open(f func(cells)) { f(s.cells) }
