package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/timer"
)

// An alignment is what an operator does with what comes by its two inputs, time by time: of one time all that came by
// the right one first, then all of the left one, then commit.
type alignment[K comparable, L, R, U any] interface {
	takeRight(b *KeyedBatch[K, R], row int, out *Emitter[U]) error
	takeLeft(b *KeyedBatch[K, L], row int, out *Emitter[U]) error
	commit(at Time, out *Emitter[U]) error
	count() int // keys held
}

// An aloneTaker is an alignment that takes rows of one side in a loop, from *at on, as long as each is the only one of its time and before until, the
// time of the first row of the other side. It commits each, and counts *at on.
type aloneTaker[K comparable, L, R any] interface {
	aheadLeft(b *KeyedBatch[K, L])  // is told what is on hand of a side
	aheadRight(b *KeyedBatch[K, R]) // before any of it is taken
	aloneLeft(b *KeyedBatch[K, L], at *int, until Time) error
	aloneRight(b *KeyedBatch[K, R], at *int, until Time) error
}

// An aligned operator holds what comes by two inputs until the watermark of both has passed it.
type aligned[K comparable, L, R, U any] struct {
	op    *engine.Instance
	of    alignment[K, L, R, U]
	alone aloneTaker[K, L, R] // of, if it is that
	left  waiters[K, L]
	right waiters[K, R]
	now   Time

	lefts  *state.Coder[keptEvent[K, L]]
	rights *state.Coder[keptEvent[K, R]]
	dueL   dueSide[K, L]
	dueR   dueSide[K, R]
}

// alignedBy has a meeting work by an alignment.
func alignedBy[K comparable, L, R, U any](m *meeting[K, L, R, U], of alignment[K, L, R, U]) {
	m.use(newAligned(m.op, of))
}

func newAligned[K comparable, L, R, U any](op *engine.Instance, of alignment[K, L, R, U]) *aligned[K, L, R, U] {
	a := &aligned[K, L, R, U]{op: op, of: of, now: engine.MinTime}
	a.alone, _ = of.(aloneTaker[K, L, R])
	a.left.back, a.right.back = engine.MinTime, engine.MinTime
	a.lefts, a.rights = state.NewCoder[keptEvent[K, L]](), state.NewCoder[keptEvent[K, R]]()
	op.Hold((*alignedLeft[K, L, R, U])(a), a.lefts)
	op.Hold((*alignedRight[K, L, R, U])(a), a.rights)
	return a
}

// alignedLeft and alignedRight are the operator as the holder of what waits on one side.
type alignedLeft[K comparable, L, R, U any] aligned[K, L, R, U]

func (a *alignedLeft[K, L, R, U]) Save(s *state.Saving) error {
	a.left.save(s, a.lefts)
	return nil
}

func (a *alignedLeft[K, L, R, U]) Restore(r *state.Restoring) error {
	a.now = r.Watermark
	return a.left.restore(r, a.lefts)
}

type alignedRight[K comparable, L, R, U any] aligned[K, L, R, U]

func (a *alignedRight[K, L, R, U]) Save(s *state.Saving) error {
	a.right.save(s, a.rights)
	return nil
}

func (a *alignedRight[K, L, R, U]) Restore(r *state.Restoring) error {
	a.now = r.Watermark
	return a.right.restore(r, a.rights)
}

func (a *aligned[K, L, R, U]) ProcessLeft(b *KeyedBatch[K, L], _ *Emitter[U]) error {
	a.left.hold(a.op, b, a.now)
	return nil
}

func (a *aligned[K, L, R, U]) ProcessRight(b *KeyedBatch[K, R], _ *Emitter[U]) error {
	a.right.hold(a.op, b, a.now)
	return nil
}

// Advance hands over what the watermark has passed, as far as it may reach.
func (a *aligned[K, L, R, U]) Advance(wm Time, out *Emitter[U]) error {
	by, err := a.fill(wm)
	for at, some := a.next(); some && err == nil; at, some = a.next() {
		if a.op.Halted() {
			return engine.ErrStopped
		}
		if a.alone != nil {
			var took bool
			if took, err = a.takeAlone(); took {
				continue
			}
		}
		by, err = a.hand(at, by, out)
	}
	if err != nil {
		return err
	}
	if wm = a.op.Reach(wm); a.op.Halted() {
		return engine.ErrStopped
	}
	a.left.line.tidy()
	a.right.line.tidy()
	a.now = max(a.now, wm)
	a.op.Holds(a.of.count())
	return nil
}

// fill has some on hand of each side that a watermark has passed, where there is any. It returns the watermark
// as far as the operator may reach: what is on hand is below that.
func (a *aligned[K, L, R, U]) fill[_ lazily](wm Time) (Time, error) {
	wm, more := a.dueR.fill(a.op, &a.right, wm)
	if more && a.alone != nil {
		a.alone.aheadRight(a.dueR.on)
	}
	if wm, more = a.dueL.fill(a.op, &a.left, wm); more && a.alone != nil {
		a.alone.aheadLeft(a.dueL.on)
	}
	if a.op.Halted() { // what is not on hand may be due all the same
		return wm, engine.ErrStopped
	}
	return wm, nil
}

// next returns the earliest time of what is on hand.
func (a *aligned[K, L, R, U]) next[_ lazily]() (at Time, some bool) {
	at = min(a.dueL.time(), a.dueR.time())
	return at, at < engine.MaxTime
}

// takeAlone hands over rows of one side that are alone at their times, and reports whether there were any.
func (a *aligned[K, L, R, U]) takeAlone[_ lazily]() (took bool, err error) {
	switch l, r := a.dueL.time(), a.dueR.time(); {
	case l < r && a.dueL.on.head.alone(a.dueL.at, a.dueL.n):
		return true, a.alone.aloneLeft(a.dueL.on, &a.dueL.at, r)
	case r < l && a.dueR.on.head.alone(a.dueR.at, a.dueR.n):
		return true, a.alone.aloneRight(a.dueR.on, &a.dueR.at, l)
	}
	return false, nil
}

// hand hands over all of one time. Nothing earlier waits.
func (a *aligned[K, L, R, U]) hand[_ lazily](at, wm Time, out *Emitter[U]) (_ Time, err error) {
	for a.dueR.time() == at {
		if err := a.of.takeRight(a.dueR.on, a.dueR.at, out); err != nil {
			return wm, err
		}
		if a.dueR.drop() {
			if wm, err = a.fill(wm); err != nil {
				return wm, err
			}
		}
	}
	for a.dueL.time() == at {
		if err := a.of.takeLeft(a.dueL.on, a.dueL.at, out); err != nil {
			return wm, err
		}
		if a.dueL.drop() {
			if wm, err = a.fill(wm); err != nil {
				return wm, err
			}
		}
	}
	return wm, a.of.commit(at, out)
}

// A dueSide is what is on hand of one side, in order: it was taken out of what waits and is handed over before Advance
// returns, so no checkpoint comes between.
type dueSide[K comparable, T any] struct {
	on    *KeyedBatch[K, T]
	at, n int              // the first row that is left, and how many there are
	own   KeyedBatch[K, T] // memory for what comes out of a queue
}

// time returns that of the first that is left, or MaxTime, when no event is.
func (d *dueSide[K, T]) time[_ lazily]() Time {
	if d.at == d.n {
		return engine.MaxTime
	}
	return d.on.head.times[d.at]
}

// drop removes the first, and reports whether none is left.
func (d *dueSide[K, T]) drop[_ lazily]() bool {
	d.at++
	return d.at == d.n
}

// fill takes out of what waits some that a watermark has passed, if nothing is left. It returns the watermark as far as the
// operator may reach, and whether it has taken any.
func (d *dueSide[K, T]) fill[_ lazily](op *engine.Instance, from *waiters[K, T], wm Time) (_ Time, more bool) {
	if d.at < d.n {
		return wm, false
	}
	clear(d.own.values)
	clear(d.own.keys)
	d.at, d.n = 0, 0
	if d.on, wm = from.due(op, wm, op.BatchSize(), &d.own); d.on != nil {
		d.n = len(d.on.values)
	}
	return wm, d.n > 0
}

// dueBy returns the time by which something is to be taken next that a watermark passes, at most so many of it, and whether
// there is any; and the watermark as far as the operator may reach.
func dueBy[V any](op *engine.Instance, held *timer.Queue[V], wm Time, limit int) (last int64, due bool, reach Time) {
	for wm > engine.MinTime {
		if last, due = held.LastDue(int64(lastBefore(wm)), limit); !due {
			break
		}
		passed := Time(last).Add(1) // the watermark that passes it
		if reach = op.Reach(passed); reach >= passed {
			return last, true, wm
		}
		wm = reach
	}
	return 0, false, wm
}

func (a *aligned[K, L, R, U]) reached() Time { return a.now } // a reacher's: hooks ask
