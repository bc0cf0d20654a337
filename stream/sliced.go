package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// aggregateSliced is Aggregate for windows on the default trigger.
func aggregateSliced[K comparable, T, A, R any](w Windowed[K, T], f folding[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	k := w.in
	p := k.out.p
	n := p.add("aggregate", opts, &k.out.flow)
	n.Keyed = true
	out := newOutput[Pane[K, R]](p, n)
	o.bind(p, n)
	alone := func(pl *engine.Place) keyedReceiver[K, T] {
		return newSlicing(pl.Instance(n), f, o, w.spec, out.connect(pl))
	}
	if v := o.viewOf(n); v != nil { // what is shown is what the shard of the key has: nothing is added up in front of it
		o.kept(v, &f, w.spec)
		k.consume(n, 0, alone)
		return Stream[Pane[K, R]]{out}
	}
	for _, x := range n.Outlets { // an event fails where it is added up, in front of the exchange
		if of, _ := x.Types(); of == reflect.TypeFor[Failed[T]]() {
			n.Early = x
		}
	}
	k.out.consumers = append(k.out.consumers, func(pl *engine.Place) keyedReceiver[K, T] {
		if pl.Continues(n) {
			return alone(pl)
		}
		fresh := func() *parts[K, A] { return new(parts[K, A]) }
		e := enter(pl, n, 0, fresh, func(pl *engine.Place) (func(*parts[K, A]) error, func(engine.Control) error) {
			op := pl.Instance(n)
			m := &merging[K, A, R]{firing: newFiring(op, f, o, w.spec, out.connect(pl))}
			op.Control = m.Control
			return m.push, m.Control
		})
		kind := kindOf[K](&f, nil)
		kind.Counted = true
		op := pl.Instance(n)
		in := newFolder(op, f, w.spec, kind)
		in.onward = true
		return &combining[K, T, A]{
			in: in, out: e.senders(pl), size: pl.BatchSize(), limit: combineLimitOf[A](),
			store: panes.NewSliced(*w.spec, kind, op.Reach),
		}
	})
	return Stream[Pane[K, R]]{out}
}

// slicing is an aggregation whose input needs no exchange.
type slicing[K comparable, T, A, R any] struct {
	in     folder[K, T, A]
	firing *firing[K, A, R]
}

func newSlicing[K comparable, T, A, R any](op *engine.Instance, f folding[T, A], o outcome[K, A, R], spec *window.Spec, out receiver[Pane[K, R]]) *slicing[K, T, A, R] {
	x := newFiring(op, f, o, spec, out)
	s := &slicing[K, T, A, R]{newFolder(op, f, spec, x.kind), x}
	op.Control = s.Control
	return s
}

func (s *slicing[K, T, A, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	s.firing.panel.out.inherit(b.head.born, nil)
	if err := s.in.take(s.firing.store, b, s.late); err != nil {
		return err
	}
	return s.firing.panel.flush() // late panes
}

func (s *slicing[K, T, A, R]) late(t, wm Time, hash uint64, k K, part A) {
	s.in.kind.AddLate(s.firing.store, t, wm, hash, k, part)
}

func (s *slicing[K, T, A, R]) Control(c engine.Control) error {
	return s.firing.Control(c)
}
