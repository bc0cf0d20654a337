package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/timer"
)

// InOrder makes a keyed operator see events in the order of their event
// times, and of their places in their partitions where times are equal: it
// holds each back until the watermark has passed it. What it gives then does
// not depend on the order of arrival, at the price of the watermark's delay.
// Events that are late are not held back: they come at once, but for ProcessBoth and ConnectAll, which drop them then and count them in TooLate.
//
// It is for Process, ProcessBoth, ConnectAll, Running, Lookup, and Apply on a Keyed stream, and for windows ByCount or with triggers of their own, which
// fire by order of arrival. Events without event times are ErrNoTime.
func InOrder() Option {
	return option(func(c *config) { c.ordered, c.given = true, c.given|optInOrder })
}

// A sorter holds events back until the watermark has passed them. Most events come in the order of their
// times: they wait in a line, and only those that come behind a later one in the queue.
type sorter[K comparable, T any] struct {
	op   *engine.Instance
	next keyedReceiver[K, T]
	line line[K, T]
	held timer.Queue[heldEvent[K, T]]
	now  Time
	back Time  // up to it the queue has events of the run before, which came sooner than all of this one
	born int64 // when the batch was read that moved the watermark
	out  KeyedBatch[K, T]
	late KeyedBatch[K, T]
	rows []int32

	coder *state.Coder[keptEvent[K, T]]
}

func newSorter[K comparable, T any](op *engine.Instance, next keyedReceiver[K, T]) *sorter[K, T] {
	s := &sorter[K, T]{op: op, next: next, now: engine.MinTime, back: engine.MinTime, coder: state.NewCoder[keptEvent[K, T]]()}
	op.Hold(s, s.coder)
	return s
}

// Save puts the line first: of events with one time and place, as panes of one window have, those in the queue came later.
func (s *sorter[K, T]) Save(to *state.Saving) error {
	put := s.coder.Into(to, s.line.at.len()+s.held.Len())
	s.line.each(put)
	putHeld(&s.held, put)
	return nil
}

func (s *sorter[K, T]) Restore(r *state.Restoring) error {
	s.now = r.Watermark
	err := restoreHeld(r, &s.held, s.coder)
	s.held.Each(func(x timer.Item[heldEvent[K, T]]) { s.back = max(s.back, Time(x.Due)) })
	return err
}

func (s *sorter[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	if s.line.at.followedBy(&b.head, b.Len(), max(s.now, s.back.Add(1))) {
		s.line.putAll(b)
		return nil
	}
	s.rows = s.rows[:0]
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		switch t, seq := b.head.times[row], b.head.seqOf(row); {
		case t < b.head.behind(row, &cursor, s.now):
			s.rows = append(s.rows, int32(row))
		case t > s.back && s.line.at.follows(t, seq):
			s.line.put(b, row, t, seq)
		default:
			s.held.Push(int64(t), seq, heldEvent[K, T]{b.hashes[row], b.keys[row], b.values[row]})
		}
	}
	if len(s.rows) == 0 {
		return nil
	}
	s.late = *b
	s.late.head.rows, s.late.head.narrow = s.rows, true
	return s.next.pushKeyed(&s.late)
}

func (s *sorter[K, T]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		s.born = c.Born
		if err := s.release(c.Watermark); err != nil {
			return err
		}
		c.Watermark = s.now
	}
	return s.next.Control(c)
}

// release passes on what the watermark has passed, as far as it may reach.
func (s *sorter[K, T]) release[_ lazily](wm Time) error {
	for {
		b := s.ofLine(wm)
		if b == nil {
			b = s.merged(wm)
		}
		if b == nil {
			break
		}
		if s.op.Halted() {
			return engine.ErrStopped
		}
		b.head.born = s.born
		if err := s.next.pushKeyed(b); err != nil {
			return err
		}
	}
	s.line.tidy()
	if wm = s.op.Reach(wm); s.op.Halted() {
		return engine.ErrStopped
	}
	s.now = max(s.now, wm)
	return nil
}

// ofLine takes a batch of events that are due from the line, where they are: those before all that are in the queue.
func (s *sorter[K, T]) ofLine[_ lazily](wm Time) *KeyedBatch[K, T] {
	if at, ok := s.held.Next(); ok {
		wm = min(wm, Time(at))
	}
	n := s.line.at.before(wm, s.op.BatchSize())
	if n == 0 {
		return nil
	}
	// A line of the run may be drawn through them: see Instance.Reach.
	passed := s.line.at.time(n - 1).Add(1)
	if reach := s.op.Reach(passed); reach < passed {
		if n = s.line.at.before(reach, n); n == 0 {
			return nil
		}
	}
	return s.line.take(n)
}

// merged takes a batch of events that are due from the line and the queue. It returns nil if none is.
func (s *sorter[K, T]) merged[_ lazily](wm Time) *KeyedBatch[K, T] {
	b := &s.out
	b.empty()
	b.keys, b.hashes = b.keys[:0], b.hashes[:0]
	for len(b.values) < s.op.BatchSize() {
		at, seq, ok := s.held.First()
		inLine := s.line.at.len() > 0 && (!ok || !s.line.at.behind(Time(at), seq))
		if inLine {
			at, ok = int64(s.line.at.time(0)), true
		}
		passed := Time(at).Add(1) // the watermark that passes it
		if !ok || passed > wm || s.op.Reach(passed) != passed {
			break
		}
		if inLine {
			s.line.pop(b)
			continue
		}
		e := s.held.Pop()
		b.putHeld(e.Due, e.Seq, &e.Val)
	}
	if len(b.values) == 0 {
		return nil
	}
	return b
}
