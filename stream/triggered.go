package stream

import (
	"encoding/binary"
	"time"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// aggregateTriggered is Aggregate for windows with triggers of their own.
func aggregateTriggered[K comparable, T, A, R any](w Windowed[K, T], f folding[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	return attachKeyed(w.in, "aggregate", "", opts, o.bind, func(op *instance, out receiver[Pane[K, R]]) keyedReceiver[K, T] {
		x := newPaning(op, f, o.open(op), w.spec, out)
		store := panes.NewTriggered(w.spec, x.ops(), x.panel.emit)
		x.add = func(t, wm Time, hash uint64, k K) bool { return store.Add(t, wm, hash, k, x.fold) > 0 }
		x.store = store
		x.hold = store.Hold
		return x
	})
}

// aggregateSessions is Aggregate for session windows.
func aggregateSessions[K comparable, T, A, R any](w Windowed[K, T], f folding[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	return attachKeyed(w.in, "aggregate", "", opts, o.bind, func(op *instance, out receiver[Pane[K, R]]) keyedReceiver[K, T] {
		x := newPaning(op, f, o.open(op), w.spec, out)
		store := panes.NewSessions(w.spec, x.ops(), x.panel.emit)
		x.add = func(t, wm Time, hash uint64, k K) bool {
			store.Hint(x.row)
			if n := store.Add(t, wm, hash, k, x.fold); n > 0 {
				op.stats.dropped.Add(int64(n))
			}
			return true
		}
		x.store = store
		x.hold = store.Hold
		x.probe = store.Probe
		return x
	})
}

// aggregateCounted is Aggregate for windows of a number of events. They fire
// when they are full, in order of arrival, and at the end of the stream.
func aggregateCounted[K comparable, T, A, R any](w Windowed[K, T], f folding[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	return attachKeyed(w.in, "aggregate", "", opts, o.bind, func(op *instance, out receiver[Pane[K, R]]) keyedReceiver[K, T] {
		x := newPaning(op, f, o.open(op), w.spec, out)
		store := panes.NewCounted(w.spec.N(), x.ops(), x.panel.emit)
		x.add = func(t, _ Time, hash uint64, k K) bool {
			store.Add(t, hash, k, x.fold)
			return true
		}
		x.store = countedStore[K, A]{store}
		return x
	})
}

// countedStore makes windows of a number of events fit among those of time.
type countedStore[K comparable, A any] struct{ *panes.Counted[K, A] }

func (countedStore[K, A]) Watermark() Time { return minTime }
func (countedStore[K, A]) Changed() bool   { return false }
func (countedStore[K, A]) Early()          {}
func (countedStore[K, A]) Begin(Time)      {}

func (s countedStore[K, A]) Advance(wm Time) {
	if wm == maxTime {
		s.Finish()
	}
}

// A paning aggregates into a store that decides by itself when to fire.
type paning[K comparable, T, A, R any] struct {
	guard[T]
	folding[T, A]
	spec  window.Spec
	panel panel[K, A, R]
	store interface {
		Watermark() Time
		Advance(Time)
		Keys() int
		Changed() bool
		Early()
		Begin(Time)
		Each(func(panes.KeptCell[K, A]))
		Put(panes.KeptCell[K, A])
	}
	coder *coder[panes.KeptCell[K, A]]
	hold  func() Time                         // how far the watermark may go for panes with a stamp of their own
	probe func(hashes []uint64, rows []int32) // nil if the store has no use for it
	add   func(t, wm Time, hash uint64, k K) (taken bool)
	fold  func(A) A // adds the event at batch and row
	b     *Batch[T]
	row   int
	wake  time.Time // when early panes are due; zero if nothing has changed
}

func newPaning[K comparable, T, A, R any](op *instance, f folding[T, A], r results[K, A, R], spec window.Spec, out receiver[Pane[K, R]]) *paning[K, T, A, R] {
	x := &paning[K, T, A, R]{guard: newGuard[T](op), folding: f, spec: spec, coder: newCoder[panes.KeptCell[K, A]]()}
	op.hold(x, x.coder)
	x.panel = panel[K, A, R]{results: r, out: newEmitter(op, out)}
	x.fold = func(acc A) A { return x.folding.add(acc, x.b, x.row) }
	if spec.Trigger().EarlyEvery > 0 {
		op.place.task.tickers = append(op.place.task.tickers, x)
	}
	return x
}

func (x *paning[K, T, A, R]) save(s *saving) error {
	if !x.wake.IsZero() {
		b := s.rest()
		*b = binary.LittleEndian.AppendUint64(*b, uint64(x.wake.UnixNano()))
	}
	saveCells(s, x.store, x.coder)
	return nil
}

func (x *paning[K, T, A, R]) restore(r *restoring) error {
	x.store.Begin(r.watermark)
	err := x.coder.eachGroup(r, x.store.Put)
	for _, b := range r.whole {
		if at := time.Unix(0, int64(binary.LittleEndian.Uint64(b))); x.store.Changed() && (x.wake.IsZero() || at.Before(x.wake)) {
			x.wake = at
		}
	}
	x.schedule()
	return err
}

// saveCells saves all that a store with triggers holds.
func saveCells[K comparable, A any](s *saving, store interface {
	Keys() int
	Each(func(panes.KeptCell[K, A]))
}, to *coder[panes.KeptCell[K, A]],
) {
	put := to.into(s, store.Keys())
	store.Each(func(c panes.KeptCell[K, A]) {
		s.keys++
		put(c.Hash, c)
	})
}

func (x *paning[K, T, A, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	n := b.Len()
	x.op.in(n)
	if b.times == nil && x.spec.Kind() != window.KindCount {
		return x.op.failure(errNoTime)
	}
	if x.probe != nil {
		x.probe(b.hashes, b.selected())
	}
	x.b = &b.Batch
	x.panel.out.inherit(b.born, nil)
	cursor := 0
	for k := 0; k < n; k++ {
		var cause error
		if k, cause = x.span(b, k, &cursor); cause != nil {
			if err := x.failed(&b.Batch, b.at(k), cause); err != nil {
				return err
			}
		}
	}
	x.schedule()
	if err := x.settle(); err != nil {
		return err
	}
	return x.panel.flush()
}

// schedule has early panes fired in a while, if there is something for them.
func (x *paning[K, T, A, R]) schedule() {
	if every := x.spec.Trigger().EarlyEvery; every > 0 && x.wake.IsZero() && x.store.Changed() {
		x.wake = x.op.place.rt.now().Add(every)
	}
}

func (x *paning[K, T, A, R]) span(b *KeyedBatch[K, T], from int, cursor *int) (at int, cause error) {
	defer rescue(&cause)
	n, now := b.Len(), x.store.Watermark()
	for k := from; k < n; k++ {
		at = k
		row := b.at(k)
		t := b.Time(row)
		wm := now
		if len(b.late) > 0 {
			wm = b.behind(row, cursor, now)
		}
		if t < wm {
			if gone(x.spec, t, wm) {
				x.op.stats.dropped.Add(1)
				continue
			}
			x.op.stats.late.Add(1)
		}
		x.row = row
		if !x.add(t, wm, b.hashes[row], b.keys[row]) {
			x.op.stats.dropped.Add(1)
		}
	}
	return n, nil
}

func (x *paning[K, T, A, R]) control(c control) error {
	if c.kind == ctlWatermark {
		x.op.advance(c.watermark)
		if err := x.fire(func() { x.store.Advance(c.watermark) }); err != nil {
			return err
		}
	}
	if err := x.guard.control(c); err != nil {
		return err
	}
	if c.kind == ctlWatermark && x.hold != nil && x.spec.Stamper() != nil {
		c.watermark = min(c.watermark, x.hold())
	}
	return x.panel.pass(c)
}

// fire calls f, which emits panes.
func (x *paning[K, T, A, R]) fire(f func()) error {
	err := func() (err error) {
		defer rescue(&err)
		f()
		return nil
	}()
	if err != nil {
		return x.op.failure(err)
	}
	x.op.stats.keys.Store(int64(x.store.Keys()))
	return x.panel.flush()
}

// due and tick fire early panes at an interval.
func (x *paning[K, T, A, R]) due() (time.Time, bool) { return x.wake, !x.wake.IsZero() }

func (x *paning[K, T, A, R]) tick(time.Time) error {
	x.wake = time.Time{}
	return x.fire(x.store.Early)
}
