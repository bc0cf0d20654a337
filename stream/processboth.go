package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// ProcessBoth is Process of two streams with one state for each key: left is called for each event of k, right for
// each of other, and timer for both. Flink calls it a KeyedCoProcessFunction.
//
// Events come in the order of arrival. With InOrder they wait until the watermark of both streams has passed them, and come
// by the order of their times: of one time the timers first, then the events of other, then those of k. Late events are then dropped and
// counted in TooLate, as by joins. Divert takes the failures of each input, as for Connect. An operator of the caller's own, by Connect,
// sees whole batches instead.
func (k Keyed[K, T]) ProcessBoth[R, S, U any](
	other Keyed[K, R],
	left func(c *KeyContext[K, S, U], v T) error,
	right func(c *KeyContext[K, S, U], v R) error,
	timer func(c *KeyContext[K, S, U]) error,
	opts ...Option,
) Stream[U] {
	started(k.out != nil, "ProcessBoth", "Keyed")
	started(other.out != nil, "ProcessBoth", "Keyed")
	given("ProcessBoth", "the function left", left)
	given("ProcessBoth", "the function right", right)
	n := addPair(k, other, "processboth", "", opts)
	if configOf(n).ordered {
		needsTime(n, "InOrder", 0, 1)
		n.Depends(engine.SettingOrder, "event time")
	}
	bindBoth[T, R](k.out.p, n)
	viewOf[K, S](n)
	if timer != nil {
		n.Depends(engine.SettingTimers, "called")
	}
	out := newOutput[U](k.out.p, n)
	zero := zeroTestOf(reflect.TypeFor[S]())
	enter := reach(n, 2, func(pl *engine.Place, op *engine.Instance, f *engine.Frontier) *processingBoth[K, T, R, S, U] {
		x := &processingBoth[K, T, R, S, U]{onLeft: left, onRight: right, frontier: f}
		x.left, x.right = newGuards[T, R](op)
		x.p = newProcessing(op, guard[struct{}]{op: op}, nil, timer, zero, out.connect(pl))
		if configOf(n).ordered {
			x.waiting = newAligned(op, x)
		}
		op.Control = x.Control
		return x
	})
	k.consume(n, 0, func(pl *engine.Place) keyedReceiver[K, T] { return bothLeft[K, T, R, S, U]{enter(pl, 0)} })
	other.consume(n, 1, func(pl *engine.Place) keyedReceiver[K, R] { return bothRight[K, T, R, S, U]{enter(pl, 1)} })
	return Stream[U]{out}
}

// processingBoth is an instance: a Process that events are handed to from two sides.
type processingBoth[K comparable, L, R, S, U any] struct {
	p        *processing[K, S, struct{}, U] // the states and the timers
	left     guard[L]
	right    guard[R]
	onLeft   func(*KeyContext[K, S, U], L) error
	onRight  func(*KeyContext[K, S, U], R) error
	waiting  *aligned[K, L, R, U] // events, with InOrder; else nil
	frontier *engine.Frontier
}

type bothLeft[K comparable, L, R, S, U any] struct{ *processingBoth[K, L, R, S, U] }

func (x bothLeft[K, L, R, S, U]) pushKeyed(b *KeyedBatch[K, L]) error {
	if err := x.admit(0, &b.head, b.Len()); err != nil {
		return err
	}
	if x.waiting != nil {
		return x.waiting.ProcessLeft(b, nil)
	}
	return processSide(x.p, &x.left, x.onLeft, b)
}

func (x bothLeft[K, L, R, S, U]) Control(c engine.Control) error {
	return x.frontier.Take(0, c, x.processingBoth.Control)
}

type bothRight[K comparable, L, R, S, U any] struct{ *processingBoth[K, L, R, S, U] }

func (x bothRight[K, L, R, S, U]) pushKeyed(b *KeyedBatch[K, R]) error {
	if err := x.admit(1, &b.head, b.Len()); err != nil {
		return err
	}
	if x.waiting != nil {
		return x.waiting.ProcessRight(b, nil)
	}
	return processSide(x.p, &x.right, x.onRight, b)
}

func (x bothRight[K, L, R, S, U]) Control(c engine.Control) error {
	return x.frontier.Take(1, c, x.processingBoth.Control)
}

// admit counts the events of a batch, and says whether they can be taken.
func (x *processingBoth[K, L, R, S, U]) admit(input int, of *header, n int) error {
	c := x.p.ctx
	x.p.op.In(n)
	c.inherit(of.born)
	c.clock = false
	c.timed = c.timed || of.times != nil
	return admit(x.p.op, input, of.times != nil)
}

// processSide calls the function of one side for the events of a batch.
func processSide[K comparable, S, T, U any](p *processing[K, S, struct{}, U], g *guard[T], f func(*KeyContext[K, S, U], T) error, b *KeyedBatch[K, T]) error {
	for k, n := 0, b.Len(); k < n; k++ {
		at, cause := rowsFrom(p.op, &b.head, k, n, func(row int) error {
			p.ctx.enter(b.hashes[row], b.keys[row], b.Time(row), b.head.seqOf(row))
			if err := f(p.ctx, b.values[row]); err != nil {
				return err
			}
			p.ctx.leave()
			return nil
		})
		if cause == nil {
			break
		}
		if cause != engine.ErrStopped {
			p.ctx.leave()
		}
		if err := g.failed(&b.Batch, b.head.at(at), cause); err != nil {
			return err
		}
		k = at
	}
	if err := g.settle(); err != nil {
		return err
	}
	return p.done()
}

// Control has what waits dealt with up to what both sides say, and then the timers.
func (x *processingBoth[K, L, R, S, U]) Control(c engine.Control) error {
	if x.waiting != nil && c.Kind == engine.Watermark {
		x.p.ctx.inherit(c.Born)
		x.p.ctx.clock = false
		if err := x.waiting.Advance(c.Watermark, nil); err != nil {
			return err
		}
		c.Watermark = x.waiting.reached()
	}
	return x.p.Control(c)
}

// takeLeft, takeRight, commit and count are an alignment's.
func (x *processingBoth[K, L, R, S, U]) takeLeft(b *KeyedBatch[K, L], row int, _ *Emitter[U]) error {
	return processOne(x.p, &x.left, x.onLeft, b, row)
}

func (x *processingBoth[K, L, R, S, U]) takeRight(b *KeyedBatch[K, R], row int, _ *Emitter[U]) error {
	return processOne(x.p, &x.right, x.onRight, b, row)
}

func (x *processingBoth[K, L, R, S, U]) count() int { return x.p.keys.states.Len() }

func (x *processingBoth[K, L, R, S, U]) commit(Time, *Emitter[U]) error {
	if err := x.left.settle(); err != nil {
		return err
	}
	return x.right.settle()
}

// processOne calls the function of one side for an event that has waited, behind the timers that come before it.
func processOne[K comparable, S, T, U any](p *processing[K, S, struct{}, U], g *guard[T], f func(*KeyContext[K, S, U], T) error,
	b *KeyedBatch[K, T], row int,
) error {
	at, seq := b.head.times[row], b.head.seqs[row]
	if err := p.fire(&p.ctx.timers, at); err != nil { // which looks whether the run has to end, where it fires
		return err
	}
	if p.op.Halted() {
		return engine.ErrStopped
	}
	cause := func() (cause error) {
		defer engine.Rescue(&cause)
		p.ctx.enter(b.hashes[row], b.keys[row], at, seq)
		return f(p.ctx, b.values[row])
	}()
	p.ctx.leave()
	if cause == nil {
		return nil
	}
	return g.reject(b.values[row], at, sidePosition(g.side, p.op.Position(seq, at)), cause)
}
