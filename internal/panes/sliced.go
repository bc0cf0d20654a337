package panes

import (
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
	fired  window.Time        // windows that end at or before it have fired or are empty
	now    window.Time        // the watermark
	late   map[lateKey[K]]int // panes so far, of windows that late events have refined
	pane   Pane[K, A]
	none   Slice[K, A] // holds no time
}

// A Slice is the part of the events that every window treats alike.
type Slice[K comparable, A any] struct {
	window.Window
	Table *table.Table[K, A]
}

// A lateKey is a window of a key.
type lateKey[K comparable] struct {
	window.Window
	key K
}

// NewSliced returns an empty store for a windowing of kind tumbling, sliding
// or cumulating whose trigger is the default one.
func NewSliced[K comparable, A any](spec window.Spec, ops Ops[A], emit func(*Pane[K, A])) *Sliced[K, A] {
	s := &Sliced[K, A]{spec: spec, ops: ops, emit: emit, fired: window.MinTime, now: window.MinTime, late: map[lateKey[K]]int{}}
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

// Add merges part into the slice that t falls in, which must not be closed.
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
// used for a time whose slice is closed: see Closed.
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

// Closed reports whether a window that holds t has fired, so that an event at
// t has to be added by AddLate.
func (s *Sliced[K, A]) Closed(t window.Time) bool {
	return t < s.fired && s.spec.EndAfter(max(t, s.spec.Slice(t).End-1)) <= s.fired
}

// Gone reports whether every window that holds t is past its lateness at
// watermark wm.
func (s *Sliced[K, A]) Gone(t, wm window.Time) bool {
	return t < wm && s.spec.LastEnd(s.spec.Slice(t)).Add(s.spec.Lateness()) <= wm
}

// AddLate merges part into the windows of key k that hold t and are not past
// their lateness, and emits those again that have fired. It takes over part.
func (s *Sliced[K, A]) AddLate(t window.Time, hash uint64, k K, part A) {
	sl := s.At(t)
	if s.roll != nil && sl.Table.Len() == 0 {
		s.roll.reset() // a slice from nowhere, between those that have entered
	}
	p, fresh := sl.Table.At(hash, k)
	if fresh {
		*p = s.ops.New()
	}
	if s.roll != nil {
		s.roll.patch(sl.Window, hash, k, part, fresh)
	}
	*p = s.ops.Merge(*p, part)
	for end := s.spec.EndAfter(sl.End - 1); end <= s.fired; end = s.spec.EndAfter(end) {
		w := s.spec.Ending(end)
		if w.Start > sl.Start || w.End < sl.End {
			break
		}
		if w.End.Add(s.spec.Lateness()) > s.now {
			s.refine(w, sl, hash, k, fresh)
		}
		if end == window.MaxTime {
			break
		}
	}
}

// refine fires a window of one key again: a late event has come to slice at,
// which had nothing of the key before if fresh is set.
func (s *Sliced[K, A]) refine(w window.Window, at *Slice[K, A], hash uint64, k K, fresh bool) {
	acc, before := s.ops.New(), 0
	for _, sl := range s.slices {
		if sl.Start < w.Start || sl.End > w.End {
			continue
		}
		if p := sl.Table.Find(hash, k); p != nil {
			acc = s.ops.Merge(acc, *p)
			if sl != at || !fresh {
				before = 1 // so there was a pane when the watermark passed
			}
		}
	}
	id := lateKey[K]{w, k}
	if n, again := s.late[id]; again {
		before = n
	}
	s.late[id] = before + 1
	s.pane = Pane[K, A]{Hash: hash, Key: k, Window: w, Acc: acc, Timing: Late, Index: before, Stamp: w.End - 1}
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
	for _, sl := range s.slices {
		if s.spec.LastEnd(sl.Window) > s.fired {
			return s.spec.EndAfter(max(s.fired, sl.End-1)), true
		}
	}
	return 0, false
}

func (s *Sliced[K, A]) fireAll(w window.Window) {
	if s.roll == nil {
		i, found := slices.BinarySearchFunc(s.slices, w.Start, func(sl *Slice[K, A], t window.Time) int {
			return int(max(-1, min(1, sl.Start.Sub(t))))
		})
		if found {
			entries, hashes := s.slices[i].Table.Entries(), s.slices[i].Table.Hashes()
			for j := range entries {
				s.fire(w, hashes[j], entries[j].Key, entries[j].Val)
			}
		}
		return
	}
	s.roll.leave(w.Start)
	for _, sl := range s.slices {
		if sl.Start >= w.Start && sl.End <= w.End {
			s.roll.enter(sl)
		}
	}
	s.roll.each(func(hash uint64, k K, acc A) { s.fire(w, hash, k, acc) })
}

// forget drops the slices whose last window is past its lateness.
func (s *Sliced[K, A]) forget() {
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
	for id := range s.late {
		if id.End.Add(s.spec.Lateness()) <= s.now {
			delete(s.late, id)
		}
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
