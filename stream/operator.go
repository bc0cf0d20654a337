package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// An Operator makes the instances of an operator of the caller's own, which
// turns events of type In into events of type Out. Run calls it once for each
// instance, at most one a shard, and an instance is used by one goroutine. It
// joins a pipeline by Stream.Apply.
type Operator[In, Out any] func(c *OperatorContext) (Processor[In, Out], error)

// A Processor is an instance of an Operator: it sees the events of one shard,
// one batch after another. It must not keep the batch, nor the emitter. A
// panic or an error stops the run with an *OperatorError.
//
// A Processor may also be an Advancer, a Ticker, a Finisher, a Delayer, with a key a
// TimerProcessor, or an io.Closer. In a run with Checkpoints its state is held by the
// library, see OperatorContext.KeyedState and State, or it is Stateful; one without state
// embeds Stateless.
type Processor[In, Out any] interface {
	Process(in *Batch[In], out *Emitter[Out]) error
}

// An Advancer is told the watermark: no event before wm follows, other than
// late ones. The watermark is passed on behind what Advance emits.
type Advancer[Out any] interface {
	Advance(wm Time, out *Emitter[Out]) error
}

// A Ticker acts in processing time. Tick is called once the run's clock has
// reached the time that the last Wake reported; ok false means that there is
// nothing to wait for. Wake is asked after every batch.
type Ticker[Out any] interface {
	Wake() (at time.Time, ok bool)
	Tick(now time.Time, out *Emitter[Out]) error
}

// A Finisher is told that its input has ended, behind the last watermark. It
// is not called when a run is stopped short or fails.
type Finisher[Out any] interface {
	Finish(out *Emitter[Out]) error
}

// Apply adds an operator of the caller's own. Each instance sees the events
// of one shard of s in order.
func (s Stream[T]) Apply[U any](op Operator[T, U], opts ...Option) Stream[U] {
	started(s.out != nil, "Apply", "Stream")
	given("Apply", "the Operator", op)
	out := attachDetail(s, "apply", "", losesPartition, opts, func(i *engine.Instance, out receiver[U]) receiver[T] {
		a := &applied[T, U]{hooks: hooks[U]{op: i, out: newEmitter(i, out)}}
		c := ownContext(i, nil, &a.besides)
		c.failing(0, newGuard[T](i), &a.besides)
		i.OnStart(func() error {
			p, err := op(c)
			if err != nil {
				return err
			}
			a.p = p
			return a.begin(c, p)
		})
		return a
	})
	bindSides(out.out.p, out.out.node)
	return out
}

// applied runs a Processor.
type applied[T, U any] struct {
	hooks[U]
	p Processor[T, U]
}

func (a *applied[T, U]) push(b *Batch[T]) error {
	if a.op.Halted() {
		return engine.ErrStopped
	}
	a.op.In(b.Len())
	a.inherit(b.head.born)
	if err := a.process(b); err != nil {
		return a.failed(err)
	}
	return a.flush()
}

func (a *applied[T, U]) process[_ lazily](b *Batch[T]) (err error) {
	defer engine.Rescue(&err)
	return a.p.Process(b, a.out)
}
