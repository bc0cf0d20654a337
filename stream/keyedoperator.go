package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// A KeyedOperator is an Operator whose instances are handed keyed events. All
// the events of a key go to one instance.
type KeyedOperator[K comparable, In, Out any] func(c *OperatorContext) (KeyedProcessor[K, In, Out], error)

// A KeyedProcessor is an instance of a KeyedOperator, on the terms of a
// Processor.
type KeyedProcessor[K comparable, In, Out any] interface {
	Process(in *KeyedBatch[K, In], out *Emitter[Out]) error
}

// Apply adds a keyed operator of the caller's own.
func (k Keyed[K, T]) Apply[U any](op KeyedOperator[K, T, U], opts ...Option) Stream[U] {
	started(k.out != nil, "Apply", "Keyed")
	given("Apply", "the KeyedOperator", op)
	return attachKeyed(k, "apply", "", opts, bindOwn[T], func(i *engine.Instance, out receiver[U]) keyedReceiver[K, T] {
		a := &appliedKeyed[K, T, U]{hooks: hooks[U]{op: i, out: newEmitter(i, out)}}
		c := ownContext(i, reflect.TypeFor[K](), &a.besides)
		c.failing(0, newGuard[T](i), &a.besides)
		i.OnStart(func() error {
			p, err := op(c)
			if err != nil {
				return err
			}
			a.p = p
			if err := bindTimers[K](c.held, p, a.out); err != nil {
				return err
			}
			return a.begin(c, p)
		})
		return a
	})
}

// appliedKeyed runs a KeyedProcessor.
type appliedKeyed[K comparable, T, U any] struct {
	hooks[U]
	p   KeyedProcessor[K, T, U]
	row [1]int32
}

func (a *appliedKeyed[K, T, U]) pushKeyed(b *KeyedBatch[K, T]) error {
	if a.op.Halted() {
		return engine.ErrStopped
	}
	a.op.In(b.Len())
	a.inherit(b.head.born)
	a.held.sees(0, b.head.times != nil)
	process := a.process
	// An event that was late where it was read comes at once, before others of its
	// time: it is no reason to fire timers, which are due by the watermark.
	if a.held.timing != nil && configOf(a.op.Node).ordered && len(b.head.late) == 0 {
		process = a.inTurn
	}
	if err := process(b); err != nil {
		return a.failed(err)
	}
	return a.flush()
}

func (a *appliedKeyed[K, T, U]) process(b *KeyedBatch[K, T]) (err error) {
	defer engine.Rescue(&err)
	return a.p.Process(b, a.out)
}

// inTurn hands over one event at a time, and has timers fire between them.
func (a *appliedKeyed[K, T, U]) inTurn(b *KeyedBatch[K, T]) error {
	one := *b
	one.head.rows, one.head.narrow = a.row[:], true
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		if err := a.held.timing.fire(false, b.head.times[row]); err != nil { // which looks whether the run has to end
			return err
		}
		a.row[0] = int32(row)
		if err := a.process(&one); err != nil {
			return err
		}
	}
	return nil
}
