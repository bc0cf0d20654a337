package stream

import "github.com/freshet-go/freshet/internal/engine"

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
		c := ownContext(i, &a.besides)
		failing[T](c, i, &a.besides)
		i.OnStart(func() error {
			p, err := op(c)
			if err != nil {
				return err
			}
			a.p = p
			a.bind(p)
			return holdUser(i, p)
		})
		return a
	})
}

// appliedKeyed runs a KeyedProcessor.
type appliedKeyed[K comparable, T, U any] struct {
	hooks[U]
	p KeyedProcessor[K, T, U]
}

func (a *appliedKeyed[K, T, U]) pushKeyed(b *KeyedBatch[K, T]) error {
	if a.op.Halted() {
		return engine.ErrStopped
	}
	a.op.In(b.Len())
	a.inherit(b.born)
	if err := a.process(b); err != nil {
		return a.failed(err)
	}
	return a.flush()
}

func (a *appliedKeyed[K, T, U]) process(b *KeyedBatch[K, T]) (err error) {
	defer engine.Rescue(&err)
	return a.p.Process(b, a.out)
}
