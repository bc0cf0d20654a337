package panes

import (
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

// Counted holds windows of a number of events of a key, in order of arrival.
type Counted[K comparable, A any] struct {
	ops  Ops[A]
	size int
	emit func(*Pane[K, A])
	keys table.Table[K, countCell[A]]
	pane Pane[K, A]
}

type countCell[A any] struct {
	acc         A
	n           int
	first, last window.Time
}

// NewCounted returns an empty store for windows of size events.
func NewCounted[K comparable, A any](size int, ops Ops[A], emit func(*Pane[K, A])) *Counted[K, A] {
	return &Counted[K, A]{ops: ops, size: size, emit: emit}
}

// Keys returns how many windows are held.
func (s *Counted[K, A]) Keys() int { return s.keys.Len() }

// Add adds an event, and fires the window that it fills.
func (s *Counted[K, A]) Add(t window.Time, hash uint64, k K, add func(A) A) {
	c, fresh := s.keys.At(hash, k)
	if fresh {
		c.acc, c.first, c.last = s.ops.New(), t, t
	}
	c.acc = add(c.acc)
	c.first, c.last = min(c.first, t), max(c.last, t)
	if c.n++; c.n == s.size {
		s.fire(c, hash, k)
		s.keys.Delete(hash, k)
	}
}

func (s *Counted[K, A]) fire(c *countCell[A], hash uint64, k K) {
	s.pane = Pane[K, A]{
		Hash: hash, Key: k, Window: window.Window{Start: c.first, End: c.last.Add(1)},
		Acc: c.acc, Timing: OnTime, Stamp: c.last,
	}
	s.emit(&s.pane)
}

// Finish fires the windows that are not full: nothing follows.
func (s *Counted[K, A]) Finish() {
	entries, hashes := s.keys.Entries(), s.keys.Hashes()
	for i := range entries {
		e := &entries[i]
		if e.Val.n > 0 { // else add has panicked on its first event
			s.fire(&e.Val, hashes[i], e.Key)
		}
	}
	s.keys.Reset()
}
