package stream

import (
	"context"
	"fmt"
	"log/slog"
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
// A Processor may also be an Advancer, a Ticker, a Finisher, a Delayer or an io.Closer.
// In a run with Checkpoints it has to be Stateful; one without state embeds
// Stateless.
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

// An OperatorContext is what an instance may know of the run.
type OperatorContext struct {
	Context  context.Context // ends when the run is over or has failed
	Name     string          // the operator's name
	Instance int             // which of Count instances this is
	Count    int
	Logger   *slog.Logger
	Now      func() time.Time // the run's clock, for processing time

	failures any         // the *guard of the operator's input; nil where it has two
	sides    map[any]any // by *Side, its *Emitter
}

// Fail deals with an event of the batch at hand that the operator cannot take, by
// what the operator was told to do with failures: it is counted with
// SkipFailures, and goes to the stream of failures with Divert. Otherwise Fail
// returns an error that names the operator and the place of the event, which
// Process has to return. A keyed batch is handed over as &b.Batch. It panics for a
// batch of another type than the operator's input, and in an operator of two inputs.
func (c *OperatorContext) Fail[T any](b *Batch[T], row int, cause error) error {
	if c.failures == nil {
		panic(fmt.Sprintf("stream: %s: Fail in an operator of two inputs, which deals with failures itself", c.Name))
	}
	g, ok := c.failures.(*guard[T])
	if !ok {
		panic(fmt.Sprintf("stream: %s: Fail of a %T, which is not its input", c.Name, *new(T)))
	}
	return g.failed(b, row, cause)
}

// Side returns the Emitter of a side output, which is used on the terms of the one that
// Process is handed, and in the same calls. It panics if the operator was not given
// SideOutput(s).
func (c *OperatorContext) Side[T any](s *Side[T]) *Emitter[T] {
	e, ok := c.sides[s].(*Emitter[T])
	if !ok {
		panic(fmt.Sprintf("stream: %s: Side of a Side that it was not given SideOutput of", c.Name))
	}
	return e
}

func contextOf(i *engine.Instance) *OperatorContext {
	return &OperatorContext{
		Context: i.Ctx(), Name: i.Node.Name, Instance: i.Index(), Count: i.Count(),
		Logger: i.Logger(), Now: i.Now, sides: map[any]any{},
	}
}

// ownContext is the context of an instance of the caller's own operator, made where
// instances are made.
func ownContext(i *engine.Instance, out *besides) *OperatorContext {
	c := contextOf(i)
	for _, s := range configOf(i.Node).sides {
		e, flush := s.open(i)
		c.sides[s] = e
		out.emitters = append(out.emitters, e.(inheritor))
		out.flushers = append(out.flushers, flush)
	}
	return c
}

// failing gives the context of an operator with one input what Fail needs.
func failing[T any](c *OperatorContext, i *engine.Instance, out *besides) {
	g := newGuard[T](i)
	c.failures = &g
	out.flushers = append(out.flushers, g.settle)
}

// Apply adds an operator of the caller's own. Each instance sees the events
// of one shard of s in order.
func (s Stream[T]) Apply[U any](op Operator[T, U], opts ...Option) Stream[U] {
	started(s.out != nil, "Apply", "Stream")
	given("Apply", "the Operator", op)
	out := attach(s, "apply", opts, func(i *engine.Instance, out receiver[U]) receiver[T] {
		a := &applied[T, U]{hooks: hooks[U]{op: i, out: newEmitter(i, out)}}
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
	a.inherit(b.born)
	if err := a.process(b); err != nil {
		return a.failed(err)
	}
	return a.flush()
}

func (a *applied[T, U]) process(b *Batch[T]) (err error) {
	defer engine.Rescue(&err)
	return a.p.Process(b, a.out)
}

// hooks calls what a processor offers besides Process.
type hooks[U any] struct {
	op       *engine.Instance
	out      *Emitter[U]
	advancer Advancer[U]
	ticker   Ticker[U]
	finisher Finisher[U]
	final    bool          // the watermark has reached the end of time
	delay    time.Duration // how far behind the watermark what it puts out may be
	besides
}

// besides is what an operator puts out besides its results.
type besides struct {
	emitters []inheritor    // of side outputs
	flushers []func() error // of them, and of failures: called behind each call of the operator
}

// An inheritor is an Emitter of any type.
type inheritor interface {
	inherit(born int64, part *engine.Partition)
}

// inherit notes when the events were read that are about to be worked on.
func (h *hooks[U]) inherit(born int64) {
	h.out.inherit(born, nil)
	for _, e := range h.emitters {
		e.inherit(born, nil)
	}
}

// A Delayer puts out events that are behind the watermark, by up to Delay: what
// follows it is told a watermark that is late by as much. It is asked once, when the
// run starts.
type Delayer interface{ Delay() time.Duration }

// A reacher may come less far than Advance tells it, in a run that was told to
// stop: see line.
type reacher interface{ reached() Time }

func (h *hooks[U]) bind(p any) {
	h.advancer, _ = p.(Advancer[U])
	h.finisher, _ = p.(Finisher[U])
	if d, ok := p.(Delayer); ok {
		h.delay = max(d.Delay(), 0)
	}
	if h.ticker, _ = p.(Ticker[U]); h.ticker != nil {
		h.op.Wake(h)
	}
	if c, ok := p.(interface{ Close() error }); ok {
		h.op.OnClose(c.Close)
	}
}

func (h *hooks[U]) Control(c engine.Control) error {
	switch {
	case c.Kind == engine.Watermark:
		if h.advancer != nil && c.Watermark > h.op.Begins {
			if err := h.call(func() error { return h.advancer.Advance(c.Watermark, h.out) }); err != nil {
				return err
			}
		}
		if r, ok := h.advancer.(reacher); ok {
			c.Watermark = min(c.Watermark, r.reached())
		}
		h.op.Advance(c.Watermark)
		if h.final = c.Watermark == engine.MaxTime; !h.final {
			c.Watermark = shift(c.Watermark, -h.delay)
		}
	case c.Kind == engine.End && h.final && h.finisher != nil && h.op.Begins < engine.MaxTime:
		if err := h.call(func() error { return h.finisher.Finish(h.out) }); err != nil {
			return err
		}
	}
	return h.op.Pass(c, h.out.out)
}

func (h *hooks[U]) Due() (time.Time, bool) { return h.ticker.Wake() }

func (h *hooks[U]) Tick(now time.Time) error {
	return h.call(func() error { return h.ticker.Tick(now, h.out) })
}

func (h *hooks[U]) call(f func() error) error {
	if h.op.Halted() {
		return engine.ErrStopped
	}
	h.op.Enter()
	err := func() (err error) {
		defer engine.Rescue(&err)
		return f()
	}()
	if err != nil {
		return h.failed(err)
	}
	return h.flush()
}

// failed is the error of a call: what was put out may have failed before it.
func (h *hooks[U]) failed(err error) error {
	if h.out.err != nil {
		return h.out.err
	}
	return h.op.Failure(err)
}

// flush passes on what a call has put out.
func (h *hooks[U]) flush() error {
	for _, f := range h.flushers {
		if err := f(); err != nil {
			return err
		}
	}
	return h.out.flush()
}
