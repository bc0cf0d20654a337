package stream

import "github.com/freshet-go/freshet/internal/engine"

// Rebalance spreads the events over all shards, a batch to each in turn, so
// that what follows runs in parallel though its source has few partitions.
// Events that end up on different shards lose their order.
func (s Stream[T]) Rebalance[_ lazily](opts ...Option) Stream[T] {
	started(s.out != nil, "Rebalance", "Stream")
	p := s.out.p
	n := p.add("rebalance", opts, &s.out.flow)
	n.Spread, n.Through = true, true
	out := newOutput[T](p, n)
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		return forward(pl, n, 0, true, func(pl *engine.Place) receiver[T] {
			return &passing[T]{pl.Instance(n), out.connect(pl)}
		})
	})
	return Stream[T]{out}
}

// passing counts what passes it.
type passing[T any] struct {
	op   *engine.Instance
	next receiver[T]
}

func (p *passing[T]) push(b *Batch[T]) error {
	p.op.In(b.Len())
	p.op.Out(b.Len())
	return p.next.push(b)
}

func (p *passing[T]) Control(c engine.Control) error { return p.next.Control(c) }
