package panes

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

// Sliced holds windows that fire on the watermark alone. Overlapping windows
// share slices: an event is added to one accumulator, whatever size ÷ slide
// is, and windows are merged from slices as the watermark passes their ends.
type Sliced[K comparable, A any] struct {
	spec   window.Spec
	ops    Ops[A]
	emit   func(*Pane[K, A])
	roll   roller[K, A] // merges slices into windows; nil if a window is a slice
	slices []*Slice[K, A]
	last   *Slice[K, A] // the one found last
	free   []*table.Table[K, A]
	fired  window.Time    // windows that end at or before it have fired or are empty
	now    window.Time    // the watermark
	late   []*extra[K, A] // what late events add, by window end
	pane   Pane[K, A]
	none   Slice[K, A] // holds no time
}

// A Slice is the part of the events that every window treats alike.
type Slice[K comparable, A any] struct {
	window.Window
	Table *table.Table[K, A]
}

// An extra is what late events add to one window. A late event is held
// against its own partition's watermark and may be too late for some windows
// and not for others, so it cannot join a slice, which all windows share.
type extra[K comparable, A any] struct {
	window.Window
	cells table.Table[K, addition[A]]
}

type addition[A any] struct {
	acc   A
	panes int  // how many panes the window of the key has had
	fired bool // the current firing has come to it
}

// NewSliced returns an empty store for a windowing of kind tumbling, sliding
// or cumulating whose trigger is the default one.
func NewSliced[K comparable, A any](spec window.Spec, ops Ops[A], emit func(*Pane[K, A])) *Sliced[K, A] {
	s := &Sliced[K, A]{spec: spec, ops: ops, emit: emit, fired: window.MinTime, now: window.MinTime}
	s.none = Slice[K, A]{window.Window{Start: window.MaxTime, End: window.MinTime}, &table.Table[K, A]{}}
	switch {
	case spec.Kind() == window.KindCumulating:
		s.roll = &cumulating[K, A]{ops: ops, spec: spec}
	case spec.Kind() == window.KindSliding && spec.Size() == spec.Slide():
	case spec.Kind() == window.KindSliding && ops.Sub != nil:
		s.roll = &subtracting[K, A]{ops: ops}
	case spec.Kind() == window.KindSliding:
		s.roll = &twoStacks[K, A]{ops: ops}
	}
	return s
}

// Keys returns how many accumulators are held.
func (s *Sliced[K, A]) Keys() int {
	n := 0
	for _, sl := range s.slices {
		n += sl.Table.Len()
	}
	return n
}

// Watermark returns the watermark of the last Advance.
func (s *Sliced[K, A]) Watermark() window.Time { return s.now }

// Current returns the slice that was used last, or one that no time is in.
func (s *Sliced[K, A]) Current() *Slice[K, A] {
	if s.last == nil {
		return &s.none
	}
	return s.last
}

// Add merges part into the slice that t falls in, on the terms of At.
// It takes over part.
func (s *Sliced[K, A]) Add(t window.Time, hash uint64, k K, part A) {
	p, fresh := s.At(t).Table.At(hash, k)
	if fresh {
		*p = part
		return
	}
	*p = s.ops.Merge(*p, part)
}

// At returns the slice that t falls in, ready to be added to. It must not be
// used for a time that is behind the watermark: see AddLate.
func (s *Sliced[K, A]) At(t window.Time) *Slice[K, A] {
	if s.last != nil && s.last.Contains(t) {
		return s.last
	}
	i, found := slices.BinarySearchFunc(s.slices, t, func(sl *Slice[K, A], t window.Time) int {
		switch {
		case t < sl.Start:
			return 1
		case t >= sl.End:
			return -1
		}
		return 0
	})
	if !found {
		sl := &Slice[K, A]{Window: s.spec.Slice(t), Table: s.table()}
		s.slices = slices.Insert(s.slices, i, sl)
	}
	s.last = s.slices[i]
	return s.last
}

func (s *Sliced[K, A]) table() *table.Table[K, A] {
	if n := len(s.free); n > 0 {
		t := s.free[n-1]
		s.free = s.free[:n-1]
		return t
	}
	return &table.Table[K, A]{}
}

// Open reports whether no window that holds t has fired.
func (s *Sliced[K, A]) Open(t window.Time) bool {
	return t >= s.fired || s.spec.EndAfter(s.spec.Slice(t).End-1) > s.fired
}

// Gone reports whether every window that holds t is past its lateness at
// watermark wm.
func (s *Sliced[K, A]) Gone(t, wm window.Time) bool {
	return t < wm && s.spec.LastEnd(s.spec.Slice(t)).Add(s.spec.Lateness()) <= wm
}

// AddLate merges part into the windows of key k that hold t and are not past
// their lateness at watermark wm, and fires those again whose end the store's
// own watermark has passed. It takes over part.
func (s *Sliced[K, A]) AddLate(t, wm window.Time, hash uint64, k K, part A) {
	if end := s.spec.EndAfter(s.spec.Slice(t).End - 1); end > s.fired && end.Add(s.spec.Lateness()) > wm {
		s.Add(t, hash, k, part) // no window of the slice is past: it is late for none
		return
	}
	for w := range s.spec.Windows(t) {
		if w.End.Add(s.spec.Lateness()) <= wm {
			continue
		}
		x := s.extraOf(w)
		c, fresh := x.cells.At(hash, k)
		if fresh {
			c.acc = s.ops.New()
		}
		c.acc = s.ops.Merge(c.acc, part)
		if w.End <= s.fired {
			s.refine(x, c, hash, k, fresh)
		}
	}
}

func (s *Sliced[K, A]) extraOf(w window.Window) *extra[K, A] {
	i, found := slices.BinarySearchFunc(s.late, w.End, func(x *extra[K, A], end window.Time) int {
		return cmp.Compare(x.End, end)
	})
	if !found {
		s.late = slices.Insert(s.late, i, &extra[K, A]{Window: w})
	}
	return s.late[i]
}

// refine fires a window of one key again.
func (s *Sliced[K, A]) refine(x *extra[K, A], c *addition[A], hash uint64, k K, fresh bool) {
	acc := s.ops.Merge(s.ops.New(), c.acc)
	for _, sl := range s.slices {
		if sl.Start < x.Start || sl.End > x.End {
			continue
		}
		if p := sl.Table.Find(hash, k); p != nil {
			acc = s.ops.Merge(acc, *p)
			if fresh {
				c.panes = 1 // the one that fired when the watermark passed
			}
		}
	}
	s.pane = Pane[K, A]{Hash: hash, Key: k, Window: x.Window, Acc: acc, Timing: Late, Index: c.panes, Stamp: x.End - 1}
	c.panes++
	s.emit(&s.pane)
}

func (s *Sliced[K, A]) fire(w window.Window, hash uint64, k K, acc A) {
	s.pane = Pane[K, A]{Hash: hash, Key: k, Window: w, Acc: acc, Timing: OnTime, Stamp: w.End - 1}
	s.emit(&s.pane)
}

// Advance fires the windows that end at or before wm, by ascending end, and
// forgets what is past its lateness.
func (s *Sliced[K, A]) Advance(wm window.Time) {
	if wm <= s.now {
		return
	}
	s.now = wm
	for {
		end, ok := s.nextEnd()
		if !ok || end > wm {
			break
		}
		s.fireAll(s.spec.Ending(end))
		s.fired = end
		if end == window.MaxTime {
			break
		}
	}
	s.fired = wm
	s.forget()
}

// nextEnd returns the end of the next window that holds anything.
func (s *Sliced[K, A]) nextEnd() (window.Time, bool) {
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

func (s *Sliced[K, A]) fireAll(w window.Window) {
	fire := func(hash uint64, k K, acc A) { s.fire(w, hash, k, acc) }
	x := s.lateFor(w)
	if x != nil {
		fire = func(hash uint64, k K, acc A) {
			if c := x.cells.Find(hash, k); c != nil {
				c.fired = true
				acc = s.ops.Merge(s.ops.Merge(s.ops.New(), acc), c.acc)
			}
			s.fire(w, hash, k, acc)
		}
	}
	if s.roll == nil {
		i, found := slices.BinarySearchFunc(s.slices, w.Start, func(sl *Slice[K, A], t window.Time) int {
			return cmp.Compare(sl.Start, t)
		})
		if found {
			entries, hashes := s.slices[i].Table.Entries(), s.slices[i].Table.Hashes()
			for j := range entries {
				fire(hashes[j], entries[j].Key, entries[j].Val)
			}
		}
	} else {
		s.roll.leave(w.Start)
		for _, sl := range s.slices {
			if sl.Start >= w.Start && sl.End <= w.End {
				s.roll.enter(sl)
			}
		}
		s.roll.each(fire)
	}
	if x != nil {
		s.fireRest(x)
	}
}

// lateFor returns what late events add to a window, or nil.
func (s *Sliced[K, A]) lateFor(w window.Window) *extra[K, A] {
	for _, x := range s.late {
		if x.Window == w {
			return x
		}
	}
	return nil
}

// fireRest fires the keys of a window that late events alone have.
func (s *Sliced[K, A]) fireRest(x *extra[K, A]) {
	entries, hashes := x.cells.Entries(), x.cells.Hashes()
	for i := range entries {
		c := &entries[i].Val
		if c.panes++; !c.fired {
			s.fire(x.Window, hashes[i], entries[i].Key, c.acc)
		}
	}
}

// forget drops the slices whose last window is past its lateness.
func (s *Sliced[K, A]) forget() {
	s.late = slices.DeleteFunc(s.late, func(x *extra[K, A]) bool {
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
	for _, sl := range s.slices[:n] {
		sl.Table.Reset()
		if len(s.free) < 64 {
			s.free = append(s.free, sl.Table)
		}
	}
	s.last = nil
	s.slices = slices.Delete(s.slices, 0, n)
}

// Take hands over the slices that end at or before wm, by ascending start,
// and forgets them. It is for a store that only gathers what another will
// merge.
func (s *Sliced[K, A]) Take(wm window.Time, f func(*Slice[K, A])) {
	n := 0
	for n < len(s.slices) && s.slices[n].End <= wm {
		f(s.slices[n])
		s.slices[n].Table.Reset()
		if len(s.free) < 64 {
			s.free = append(s.free, s.slices[n].Table)
		}
		n++
	}
	s.last = nil
	s.slices = slices.Delete(s.slices, 0, n)
}

// Pass notes the watermark of a store that only gathers.
func (s *Sliced[K, A]) Pass(wm window.Time) { s.now, s.fired = wm, wm }
