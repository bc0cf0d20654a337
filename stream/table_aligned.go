package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/timer"
)

// An alignment is what an operator does with what comes by its two inputs, time by time: of one time all that came by
// the right one first, then all of the left one, then commit.
type alignment[K comparable, L, R, U any] interface {
	takeRight(e *heldEvent[K, R], at Time, seq uint64, out *Emitter[U]) error
	takeLeft(e *heldEvent[K, L], at Time, seq uint64, out *Emitter[U]) error
	commit(at Time, out *Emitter[U]) error
	count() int // keys held
}

// An aligned operator holds what comes by two inputs until the watermark of both has passed it.
type aligned[K comparable, L, R, U any] struct {
	op    *engine.Instance
	of    alignment[K, L, R, U]
	left  timer.Queue[heldEvent[K, L]]
	right timer.Queue[heldEvent[K, R]]
	now   Time

	lefts  *state.Coder[keptEvent[K, L]]
	rights *state.Coder[keptEvent[K, R]]
	dueL   []timer.Item[heldEvent[K, L]]
	dueR   []timer.Item[heldEvent[K, R]]
}

// alignedBy has a meeting work by an alignment.
func alignedBy[K comparable, L, R, U any](m *meeting[K, L, R, U], of alignment[K, L, R, U]) {
	m.use(newAligned(m.op, of))
}

func newAligned[K comparable, L, R, U any](op *engine.Instance, of alignment[K, L, R, U]) *aligned[K, L, R, U] {
	a := &aligned[K, L, R, U]{op: op, of: of, now: engine.MinTime}
	a.lefts, a.rights = state.NewCoder[keptEvent[K, L]](), state.NewCoder[keptEvent[K, R]]()
	op.Hold((*alignedLeft[K, L, R, U])(a), a.lefts)
	op.Hold((*alignedRight[K, L, R, U])(a), a.rights)
	return a
}

// alignedLeft and alignedRight are the operator as the holder of what waits on one side.
type alignedLeft[K comparable, L, R, U any] aligned[K, L, R, U]

func (a *alignedLeft[K, L, R, U]) Save(s *state.Saving) error {
	saveHeld(s, &a.left, a.lefts)
	return nil
}

func (a *alignedLeft[K, L, R, U]) Restore(r *state.Restoring) error {
	a.now = r.Watermark
	return restoreHeld(r, &a.left, a.lefts)
}

type alignedRight[K comparable, L, R, U any] aligned[K, L, R, U]

func (a *alignedRight[K, L, R, U]) Save(s *state.Saving) error {
	saveHeld(s, &a.right, a.rights)
	return nil
}

func (a *alignedRight[K, L, R, U]) Restore(r *state.Restoring) error {
	a.now = r.Watermark
	return restoreHeld(r, &a.right, a.rights)
}

func (a *aligned[K, L, R, U]) ProcessLeft(b *KeyedBatch[K, L], _ *Emitter[U]) error {
	hold(a.op, &a.left, b, a.now)
	return nil
}

func (a *aligned[K, L, R, U]) ProcessRight(b *KeyedBatch[K, R], _ *Emitter[U]) error {
	hold(a.op, &a.right, b, a.now)
	return nil
}

// hold holds the events of a batch. Those that are late are dropped.
func hold[K comparable, T any](op *engine.Instance, to *timer.Queue[heldEvent[K, T]], b *KeyedBatch[K, T], now Time) {
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		t := b.head.times[row]
		if t < b.head.behind(row, &cursor, now) {
			op.TooLate(1)
			continue
		}
		to.Push(int64(t), b.head.seqOf(row), heldEvent[K, T]{b.hashes[row], b.keys[row], b.values[row]})
	}
}

// Advance hands over what the watermark has passed.
func (a *aligned[K, L, R, U]) Advance(wm Time, out *Emitter[U]) error {
	for {
		at, some := a.next()
		passed := at.Add(1) // the watermark that passes it
		if !some || passed > wm || a.op.Reach(passed) != passed {
			break
		}
		if err := a.take(at, out); err != nil {
			return err
		}
	}
	if wm = a.op.Reach(wm); a.op.Halted() {
		return engine.ErrStopped
	}
	a.now = max(a.now, wm)
	a.op.Holds(a.of.count())
	return nil
}

// next returns the earliest time of what waits.
func (a *aligned[K, L, R, U]) next() (Time, bool) {
	l, hasL := a.left.Next()
	r, hasR := a.right.Next()
	switch {
	case hasL && hasR:
		return Time(min(l, r)), true
	case hasL:
		return Time(l), true
	}
	return Time(r), hasR
}

// take hands over all of one time. Nothing earlier waits.
func (a *aligned[K, L, R, U]) take(at Time, out *Emitter[U]) error {
	for {
		if a.dueR = a.right.PopDue(int64(at), a.op.BatchSize(), a.dueR[:0]); len(a.dueR) == 0 {
			break
		}
		for i := range a.dueR {
			if err := a.of.takeRight(&a.dueR[i].Val, at, a.dueR[i].Seq, out); err != nil {
				return err
			}
		}
		clear(a.dueR)
		if a.op.Halted() {
			return engine.ErrStopped
		}
	}
	for {
		if a.dueL = a.left.PopDue(int64(at), a.op.BatchSize(), a.dueL[:0]); len(a.dueL) == 0 {
			break
		}
		for i := range a.dueL {
			if err := a.of.takeLeft(&a.dueL[i].Val, at, a.dueL[i].Seq, out); err != nil {
				return err
			}
		}
		clear(a.dueL)
		if a.op.Halted() {
			return engine.ErrStopped
		}
	}
	return a.of.commit(at, out)
}

func (a *aligned[K, L, R, U]) reached() Time { return a.now } // a reacher's: hooks ask
