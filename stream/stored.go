package stream

import (
	"encoding/binary"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// aggregateStored is Aggregate for windows with triggers of their own,
// sessions, and windows of a number of events.
func aggregateStored[K comparable, T, A, R any](w Windowed[K, T], f folding[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	out := attachKeyed(w.in, "aggregate", "", opts, o.bind, func(op *engine.Instance, out receiver[Pane[K, R]]) keyedReceiver[K, T] {
		return newPaning(op, f, o, w.spec, out)
	})
	if v := o.viewOf(out.out.node); v != nil {
		o.kept(v, &f, w.spec)
	}
	return out
}

// storeOf returns the store of windows that are not kept in slices.
func storeOf(spec window.Spec, kind panes.Tables, reach panes.Reach) panes.Store {
	switch panes.HomeOf(spec) {
	case panes.InCounts:
		return panes.NewCounted(spec.N(), kind)
	case panes.InSessions:
		return panes.NewSessions(spec, kind, reach)
	case panes.InWindows:
		return panes.NewTriggered(spec, kind, reach)
	}
	panic(panes.Strange("stream.storeOf", spec)) // slices are aggregateSliced's
}

// A paning aggregates into a store that decides by itself when to fire.
type paning[K comparable, T, A, R any] struct {
	guard[T]
	fold  folding[T, A]
	spec  *window.Spec
	panel panel[K, A, R]
	kind  *panes.Kind[K, A]
	store panes.Store
	coder *state.Coder[panes.KeptCell[K, A]]
	event panes.Event[K, A] // the one that is being added, with a Fold that adds row of b
	b     *Batch[T]
	row   int
	wake  time.Time // when early panes are due; zero if nothing has changed
}

func newPaning[K comparable, T, A, R any](op *engine.Instance, f folding[T, A], o outcome[K, A, R], spec *window.Spec, out receiver[Pane[K, R]]) *paning[K, T, A, R] {
	x := &paning[K, T, A, R]{guard: newGuard[T](op), fold: f, spec: spec, coder: state.NewCoder[panes.KeptCell[K, A]]()}
	x.panel = panel[K, A, R]{results: o.open(op), out: newEmitter(op, out)}
	x.kind = kindOf(&x.fold, x.panel.emit)
	x.store = storeOf(*spec, x.kind, op.Reach)
	x.event.Fold = func(acc A) A { return x.fold.add(acc, x.b, x.row) }
	op.Hold(x, x.coder)
	o.show(op, x.kind, x.store)
	if spec.Trigger().EarlyEvery > 0 {
		op.NeedsClock("its windows show early panes by the clock")
		op.Wake(x)
	}
	return x
}

func (x *paning[K, T, A, R]) Save(s *state.Saving) error {
	if !x.wake.IsZero() {
		b := s.Rest()
		*b = binary.LittleEndian.AppendUint64(*b, uint64(x.wake.UnixNano()))
	}
	saveCells(s, x.kind, x.store, x.coder)
	return nil
}

// restore takes back the windows alone.
func (x *paning[K, T, A, R]) restore(r *state.Restoring) error {
	x.store.Begin(r.Watermark)
	return x.coder.EachGroup(r, func(c panes.KeptCell[K, A]) { x.kind.PutCell(x.store, c) })
}

func (x *paning[K, T, A, R]) Restore(r *state.Restoring) error {
	err := x.restore(r)
	for _, b := range r.Whole {
		if at := time.Unix(0, int64(binary.LittleEndian.Uint64(b))); x.store.Changed() && (x.wake.IsZero() || at.Before(x.wake)) {
			x.wake = at
		}
	}
	x.schedule()
	return err
}

// saveCells saves all that a store holds.
func saveCells[K comparable, A any](s *state.Saving, kind *panes.Kind[K, A], store panes.Store, to *state.Coder[panes.KeptCell[K, A]]) {
	put := to.Into(s, store.Keys())
	kind.EachCell(store, func(c panes.KeptCell[K, A]) {
		s.Keys++
		put(c.Hash, c)
	})
}

func (x *paning[K, T, A, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	x.op.In(b.Len())
	if b.head.times == nil && x.spec.Kind() != window.KindCount {
		return x.op.Failure(ErrNoTime)
	}
	slots := x.store.Probe(b.hashes, b.head.selected())
	x.b = &b.Batch
	x.panel.out.inherit(b.head.born, nil)
	cursor := 0
	err := x.spans(&b.Batch, func(k int) (int, error) { return x.span(b, k, slots, &cursor) })
	x.schedule()
	if err != nil {
		return err
	}
	return x.panel.flush()
}

// schedule has early panes fired in a while, if there is something for them.
func (x *paning[K, T, A, R]) schedule() {
	if every := x.spec.Trigger().EarlyEvery; every > 0 && x.wake.IsZero() && x.store.Changed() {
		x.wake = x.op.Now().Add(every)
	}
}

func (x *paning[K, T, A, R]) span[_ lazily](b *KeyedBatch[K, T], from int, slots []uint32, cursor *int) (at int, cause error) {
	defer engine.Rescue(&cause)
	n, now, event := b.Len(), x.store.Watermark(), &x.event
	for k := from; k < n; k++ {
		at = k
		if x.op.Halted() {
			return k, engine.ErrStopped
		}
		row := b.head.at(k)
		t := b.Time(row)
		wm := now
		if len(b.head.late) > 0 {
			wm = b.head.behind(row, cursor, now)
		}
		if t < wm {
			if panes.Gone(*x.spec, t, wm) {
				x.op.TooLate(1)
				continue
			}
			x.op.Late(1)
		}
		x.row = row
		event.Hash, event.Key, event.Slot = b.hashes[row], b.keys[row], 0
		if slots != nil {
			event.Slot = slots[row]
		}
		if x.fold.windowOf != nil {
			event.Own = x.fold.windowOf(&b.values[row])
		}
		if dropped := x.store.Add(t, wm, event); dropped > 0 {
			x.op.TooLate(dropped)
		}
	}
	return n, nil
}

// Control fires windows, as far as the store may reach.
func (x *paning[K, T, A, R]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		x.panel.out.inherit(c.Born, nil)
		if err := x.fire(func() { x.store.Advance(c.Watermark) }); err != nil {
			return err
		}
		if panes.HomeOf(*x.spec) != panes.InCounts { // which goes by no time
			c.Watermark = x.store.Watermark()
		}
		x.op.Advance(c.Watermark)
	}
	if c.Kind == engine.Watermark && x.spec.Stamper() != nil {
		c.Watermark = min(c.Watermark, x.store.Hold())
	}
	return x.panel.pass(c)
}

// fire calls f, which emits panes.
func (x *paning[K, T, A, R]) fire(f func()) error {
	x.op.Enter()
	if err := attempted(f); err != nil {
		return x.op.Failure(err)
	}
	x.op.Holds(x.store.Keys())
	return x.panel.flush()
}

// Due and Tick fire early panes at an interval.
func (x *paning[K, T, A, R]) Due() (time.Time, bool) { return x.wake, !x.wake.IsZero() }

func (x *paning[K, T, A, R]) Tick(time.Time) error {
	x.wake = time.Time{}
	x.panel.out.inherit(x.op.Nanos(), nil)
	return x.fire(x.store.Early)
}
