package panes

import (
	"slices"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
	"github.com/freshet-go/freshet/window"
)

// Sessions holds session windows: for each key the runs of events that are
// less than a gap apart. An event that falls between two sessions joins them.
type Sessions[K comparable, A any] struct {
	triggers[K, A]
	spec    window.Spec
	keys    table.Table[K, run[A]]
	due     timer.Queue[dueKey[K]]
	now     window.Time
	changed bool
	count   int
	slots   []uint32
	hint    uint32
	batch   []timer.Item[dueKey[K]]
	hashes  []uint64
}

// A run is the sessions of one key. Nearly every key has one.
type run[A any] struct {
	some bool          // there is one, or more
	more *[]session[A] // by start, instead of one where there are several
	one  session[A]
}

type session[A any] struct {
	window.Window
	alarm window.Time // when the queue has an item that will look at it
	cell[A]
}

type dueKey[K comparable] struct {
	hash uint64
	key  K
}

// NewSessions returns an empty store for session windows.
func NewSessions[K comparable, A any](spec window.Spec, ops Ops[A], emit func(*Pane[K, A])) *Sessions[K, A] {
	return &Sessions[K, A]{triggers: newTriggers(spec, ops, emit), spec: spec, now: window.MinTime}
}

// Probe brings the sessions of many keys into the processor's caches.
func (s *Sessions[K, A]) Probe(hashes []uint64, rows []int32) {
	if cap(s.slots) < len(hashes) {
		s.slots = make([]uint32, len(hashes))
	}
	s.keys.Probe(hashes, rows, s.slots[:len(hashes)])
}

// Hint says that the next event to be added is the one at row of those that were
// probed last: its sessions are where Probe has found them, but for once in a
// while.
func (s *Sessions[K, A]) Hint(row int) { s.hint = s.slots[row] }

// find returns the sessions of a key, or nil.
func (s *Sessions[K, A]) find(hash uint64, k K) *run[A] {
	i := s.hint - 1
	s.hint = 0
	if all := s.keys.Entries(); int(i) < len(all) && all[i].Key == k {
		return &all[i].Val
	}
	return s.keys.Find(hash, k)
}

// Watermark returns the watermark of the last Advance.
func (s *Sessions[K, A]) Watermark() window.Time { return s.now }

// Keys returns how many sessions are held.
func (s *Sessions[K, A]) Keys() int { return s.count }

// Add adds an event at t with add, where wm is the watermark that it is held
// against. The caller has made sure that [t, t+gap) is not past its lateness.
// It returns how many events will show in no pane, as their session has fired
// once and for all: this one, and those of sessions that it joins to such a one.
func (s *Sessions[K, A]) Add(t, wm window.Time, hash uint64, k K, add func(A) A) (dropped int) {
	r := s.find(hash, k)
	w := window.Window{Start: t, End: t.Add(s.spec.Gap())}
	// The common case: the key's only session takes the event.
	if r != nil && r.more == nil && w.Start < r.one.End && r.one.Start < w.End && !s.over(&r.one, wm) {
		x := &r.one
		s.fold(x, add)
		x.Start, x.End = min(x.Start, w.Start), max(x.End, w.End)
		return s.put(x, t, wm, hash, k)
	}
	if r == nil {
		acc := add(s.ops.New())
		r, _ = s.keys.At(hash, k)
		r.some, r.one = true, s.fresh(w, acc, hash, k)
		return s.put(&r.one, t, wm, hash, k)
	}
	x, lost := s.join(r, w, wm, hash, k, add)
	return lost + s.put(x, t, wm, hash, k)
}

// over reports whether an event that is held against wm comes too late for x.
// The watermark of the store may be less, as it is told behind a batch: then x
// is still there, and the event begins another session, which overlaps x.
func (s *Sessions[K, A]) over(x *session[A], wm window.Time) bool {
	return x.End.Add(s.spec.Lateness()) <= wm
}

// fold adds the event to the accumulator of a session. It comes before all
// else that the event changes: if add panics, the event has not been here.
func (s *Sessions[K, A]) fold(x *session[A], add func(A) A) {
	if !x.finished {
		x.acc = add(x.acc)
	}
}

// fresh makes a session of one event.
func (s *Sessions[K, A]) fresh(w window.Window, acc A, hash uint64, k K) session[A] {
	x := session[A]{Window: w}
	x.acc = acc
	x.closed = x.End <= s.now
	s.count++
	s.alarm(&x, hash, k)
	return x
}

// alarm sees to it that x is looked at when the watermark reaches its end, or
// after that its last moment.
func (s *Sessions[K, A]) alarm(x *session[A], hash uint64, k K) {
	x.alarm = x.End
	if x.End <= s.now {
		x.alarm = x.End.Add(s.spec.Lateness())
	}
	s.due.Push(int64(x.alarm), hash, dueKey[K]{hash, k})
}

// put notes the event that a session has taken in.
func (s *Sessions[K, A]) put(x *session[A], t, wm window.Time, hash uint64, k K) (dropped int) {
	if x.finished {
		return 1
	}
	if x.closed && x.End > s.now { // a late event has made it reach into the future again
		x.closed = false
		s.alarm(x, hash, k)
	}
	s.note(&x.cell, t, t >= wm)
	s.changed = true
	s.added(&x.cell, x.Window, hash, k, s.now)
	return 0
}

// join adds the event of w to the session that it makes of those which w
// overlaps and which are not over, and returns how many events of theirs will show in no pane.
func (s *Sessions[K, A]) join(r *run[A], w window.Window, wm window.Time, hash uint64, k K, add func(A) A) (x *session[A], lost int) {
	if r.more == nil {
		r.more = &[]session[A]{r.one}
		r.one = session[A]{}
	}
	all := *r.more
	first := 0
	for first < len(all) && (all[first].End <= w.Start || s.over(&all[first], wm)) {
		first++
	}
	last := first
	for last < len(all) && all[last].Start < w.End {
		last++
	}
	if first == last {
		acc := add(s.ops.New())
		all = slices.Insert(all, first, s.fresh(w, acc, hash, k))
		*r.more = all
		return &all[first], 0
	}
	x = &all[first]
	s.fold(x, add)
	x.Start, x.End = min(x.Start, w.Start), max(x.End, w.End)
	for i := first + 1; i < last; i++ {
		y := &all[i]
		x.End = max(x.End, y.End)
		lost += s.triggers.join(&x.cell, &y.cell)
	}
	s.count -= last - first - 1
	*r.more = slices.Delete(all, first+1, last)
	return x, lost
}

// Advance fires the sessions that end at or before wm, and forgets those past
// their lateness.
func (s *Sessions[K, A]) Advance(wm window.Time) {
	if wm <= s.now {
		return
	}
	s.now = wm
	for {
		s.batch = s.due.PopDue(int64(wm), 512, s.batch[:0])
		if len(s.batch) == 0 {
			return
		}
		s.hashes = s.hashes[:0]
		for i := range s.batch {
			s.hashes = append(s.hashes, s.batch[i].Val.hash)
		}
		s.Probe(s.hashes, nil)
		for i := range s.batch {
			d := s.batch[i].Val
			if r := s.keys.Find(d.hash, d.key); r != nil {
				s.look(r, d)
			}
		}
	}
}

// look deals with the sessions of a key that are due.
func (s *Sessions[K, A]) look(r *run[A], d dueKey[K]) {
	if r.more == nil {
		if r.some && s.dueNow(&r.one, d) {
			r.some, r.one = false, session[A]{}
			s.count--
		}
	} else {
		all := *r.more
		for i := 0; i < len(all); {
			if s.dueNow(&all[i], d) {
				all = slices.Delete(all, i, i+1)
				s.count--
				continue
			}
			i++
		}
		switch *r.more = all; len(all) {
		case 0:
			r.some, r.more = false, nil
		case 1:
			r.one, r.more = all[0], nil
		}
	}
	if !r.some {
		s.keys.Delete(d.hash, d.key)
	}
}

// dueNow does what is due for x, and reports whether x is to be forgotten.
func (s *Sessions[K, A]) dueNow(x *session[A], d dueKey[K]) (forget bool) {
	if x.End > s.now {
		if x.alarm <= s.now {
			s.alarm(x, d.hash, d.key)
		}
		return false
	}
	if !x.closed {
		s.passed(&x.cell, x.Window, d.hash, d.key)
	}
	if gone := x.End.Add(s.spec.Lateness()); gone > s.now {
		if x.alarm != gone {
			x.alarm = gone
			s.due.Push(int64(gone), d.hash, d)
		}
		return false
	}
	s.last(&x.cell, x.Window, d.hash, d.key)
	return true
}

// Hold returns the earliest time that a pane which is still to come on time
// may be stamped with, or MaxTime. It never goes back, and looks at all keys.
func (s *Sessions[K, A]) Hold() window.Time {
	hold := window.MaxTime
	of := func(x *session[A]) {
		if !x.closed && x.memory != nil && x.memory.has {
			hold = min(hold, x.memory.first)
		}
	}
	entries := s.keys.Entries()
	for i := range entries {
		r := &entries[i].Val
		if r.more == nil {
			of(&r.one)
			continue
		}
		for j := range *r.more {
			of(&(*r.more)[j])
		}
	}
	return hold
}

// Changed reports whether an event was added since the last call of Early.
func (s *Sessions[K, A]) Changed() bool { return s.changed }

// Early fires an early pane for each session that has changed since its last
// one and is still open.
func (s *Sessions[K, A]) Early() {
	s.changed = false
	entries, hashes := s.keys.Entries(), s.keys.Hashes()
	for i := range entries {
		e := &entries[i]
		if e.Val.more == nil {
			s.early(&e.Val.one, hashes[i], e.Key)
			continue
		}
		for j := range *e.Val.more {
			s.early(&(*e.Val.more)[j], hashes[i], e.Key)
		}
	}
}

func (s *Sessions[K, A]) early(x *session[A], hash uint64, k K) {
	if x.since > 0 && !x.finished && x.End > s.now {
		s.fire(&x.cell, x.Window, hash, k, Early)
	}
}
