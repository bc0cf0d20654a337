package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/timer"
)

// waiters are events of an input that wait for the watermark, and are handed over by time and place. Most come in that order: they wait in a
// line, and the others in a queue, as in a sorter.
type waiters[K comparable, T any] struct {
	line line[K, T]
	held timer.Queue[heldEvent[K, T]]
	back Time // up to it the queue has events of the run before, which came sooner than all of this one
}

// hold holds the events of a batch. Those that are late are dropped.
func (w *waiters[K, T]) hold(op *engine.Instance, b *KeyedBatch[K, T], now Time) {
	if w.line.at.followedBy(&b.head, b.Len(), max(now, w.back.Add(1))) {
		w.line.putAll(b)
		return
	}
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		switch t, seq := b.head.times[row], b.head.seqOf(row); {
		case t < b.head.behind(row, &cursor, now):
			op.TooLate(1)
		case t > w.back && w.line.at.follows(t, seq):
			w.line.put(b, row, t, seq)
		default:
			w.held.Push(int64(t), seq, heldEvent[K, T]{b.hashes[row], b.keys[row], b.values[row]})
		}
	}
}

// due returns some events that a watermark passes, in order, but no more than limit of them, or nil where there are none. Those of the queue are put
// into memory. It returns the watermark as far as the operator may reach, too. What it returns is valid until tidy of the line or hold is called.
func (w *waiters[K, T]) due(op *engine.Instance, wm Time, limit int, into *KeyedBatch[K, T]) (*KeyedBatch[K, T], Time) {
	at, seq, ok := w.held.First()
	if w.line.at.len() == 0 || ok && w.line.at.behind(Time(at), seq) {
		return w.ofQueue(op, wm, limit, into)
	}
	until := wm
	if ok {
		until = min(wm, Time(at))
	}
	n := w.line.at.before(until, limit)
	if n == 0 && until < wm && w.line.at.time(0) == until { // of the same time, and before it
		n = 1
	}
	if n == 0 {
		return nil, wm
	}
	passed := w.line.at.time(n - 1).Add(1) // the watermark that passes it
	if reach := op.Reach(passed); reach < passed {
		wm = reach
		if n = w.line.at.before(reach, n); n == 0 {
			return nil, wm
		}
	}
	return w.line.take(n), wm
}

// ofQueue is due where the queue has the first.
func (w *waiters[K, T]) ofQueue[_ lazily](op *engine.Instance, wm Time, limit int, into *KeyedBatch[K, T]) (*KeyedBatch[K, T], Time) {
	into.empty()
	into.keys, into.hashes = into.keys[:0], into.hashes[:0]
	until := wm
	if w.line.at.len() > 0 {
		until = min(wm, w.line.at.time(0))
	}
	if at, ok := w.held.Next(); ok && Time(at) == until && until < wm { // of one time with the line, and before it
		passed := until.Add(1)
		if reach := op.Reach(passed); reach < passed {
			return nil, reach
		}
		x := w.held.Pop()
		into.putHeld(x.Due, x.Seq, &x.Val)
		return into, wm
	}
	last, due, reach := dueBy(op, &w.held, until, limit)
	if reach == until {
		reach = wm
	}
	if !due {
		return nil, reach
	}
	for n := 0; n < limit; n = len(into.values) {
		if w.held.TakeDue(last, limit-n, into.putHeld); len(into.values) == n {
			break
		}
	}
	return into, reach
}

// putHeld adds an event that was held back.
func (b *KeyedBatch[K, T]) putHeld[_ lazily](due int64, seq uint64, e *heldEvent[K, T]) {
	b.putRow(&e.key, &e.value, Time(due), seq, e.hash)
}

func (w *waiters[K, T]) save(s *state.Saving, to *state.Coder[keptEvent[K, T]]) {
	l := &w.line
	put := to.Into(s, l.at.len()+w.held.Len())
	l.each(put)
	putHeld(&w.held, put)
}

func (w *waiters[K, T]) restore(r *state.Restoring, from *state.Coder[keptEvent[K, T]]) error {
	err := restoreHeld(r, &w.held, from)
	w.held.Each(func(x timer.Item[heldEvent[K, T]]) { w.back = max(w.back, Time(x.Due)) })
	return err
}
