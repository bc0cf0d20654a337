package stream

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// An OperatorContext is what an instance may know of the run, and where it asks for what
// the library does for it: [OperatorContext.KeyedState], [OperatorContext.State] and
// [OperatorContext.Timers] while it is made, Fail, Each and Side later.
type OperatorContext struct {
	Context  context.Context // ends when the run is over or has failed
	Name     string          // the operator's name
	Instance int             // which of Count instances this is
	Count    int
	Logger   *slog.Logger
	Now      func() time.Time // the run's clock, for processing time

	failed   error       // what Fail has returned last
	failures [2]any      // by input, its *guard
	sides    map[any]any // by *Side, its *Emitter
	held     *holdings
}

// Fail deals with an event of the batch at hand that the operator cannot take, by
// what the operator was told to do with failures: it is counted with
// SkipFailures, and goes to the stream of failures with Divert. Otherwise Fail
// returns an error that names the operator and the place of the event, with two inputs
// also which of them it is of, and Process has to return it. A keyed batch is handed over as &b.Batch. It panics for a
// batch of another type than that of the input at hand.
func (c *OperatorContext) Fail[T any](b *Batch[T], row int, cause error) error {
	err := c.guardOf[T]("Fail").failed(b, row, cause)
	if err != nil {
		c.failed = err
	}
	return err
}

// guardOf returns what deals with failures of the input at hand.
func (c *OperatorContext) guardOf[T any](call string) *guard[T] {
	g, ok := c.failures[c.held.input].(*guard[T])
	if !ok {
		of := "its input"
		if c.failures[1] != nil {
			of = "its " + sideName(c.held.input) + " input, whose events are at hand"
		}
		panic(fmt.Sprintf("stream: %s: %s of a %v, which is not %s", c.Name, call, reflect.TypeFor[T](), of))
	}
	return g
}

// Each calls f for each event of the batch at hand, in order, and deals with one that f
// returns an error for or panics on as Fail does, and goes on behind it. What it returns, Process
// has to return: an error where the run has to stop. What f has done before it failed stays done. A
// keyed batch is handed over as &b.Batch. It panics for a batch of another type than that of the input at hand.
// What Fail has returned to f, f may return: it ends Each, and is dealt with no second time.
//
// It costs a call of f for each event, and allocates nothing itself: a loop without Each costs
// less, and an event that it panics on stops the run.
func (c *OperatorContext) Each[T any](b *Batch[T], f func(row int) error) error {
	return c.guardOf[T]("Each").eachOnce(b, f, &c.failed)
}

// EachOf is Each for some rows of a batch, which ascend: for none where rows is nil.
func (c *OperatorContext) EachOf[T any](b *Batch[T], rows []int32, f func(row int) error) error {
	some := *b
	some.head.rows, some.head.narrow = rows, true
	return c.guardOf[T]("EachOf").eachOnce(&some, f, &c.failed)
}

// TooLate counts n events that the operator leaves out because they are late: as TooLate of its InstanceStats.
func (c *OperatorContext) TooLate(n int) { c.held.op.TooLate(n) }

// KeptLate counts n events that are too late, and that the operator puts out to a Side: as TooLate and as Kept of its
// InstanceStats, so that no alert takes them for lost.
func (c *OperatorContext) KeptLate(n int) { c.held.op.KeptLate(n) }

// TimeToLive returns what the option TimeToLive has set, and 0 where it was not given.
func (c *OperatorContext) TimeToLive() time.Duration { return configOf(c.held.op.Node).ttl }

// sideName names an input of an operator with two.
func sideName(input int) string { return [...]string{"left", "right"}[input] }

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

// ownContext is the context of an instance of the caller's own operator, made where
// instances are made. Key is the type of its input's key, if it has one.
func ownContext(i *engine.Instance, key reflect.Type, out *besides) *OperatorContext {
	c := &OperatorContext{
		Context: i.Ctx(), Name: i.Node.Name, Instance: i.Index(), Count: i.Count(),
		Logger: i.Logger(), Now: i.Now,
		held: &holdings{op: i, key: key, watermark: engine.MinTime},
	}
	sides := openSides(i)
	c.sides, out.emitters, out.flushers = sides.of, append(out.emitters, sides.emitters...), append(out.flushers, sides.flushers...)
	out.held, c.held.sides = c.held, out.emitters
	return c
}

// failing gives the context what Fail needs for the events of an input.
func (c *OperatorContext) failing[T any](input int, g guard[T], out *besides) {
	c.failures[input] = &g
	out.flushers = append(out.flushers, g.settle)
}

// eachOnce is each where f may have dealt with a row itself: the error in dealt has been counted and says where
// it was.
func (g *guard[T]) eachOnce[_ lazily](b *Batch[T], f func(row int) error, dealt *error) error {
	g.lost = g.lost[:0]
	*dealt = nil
	for k, n := 0, b.Len(); k < n; k++ {
		at, cause := rowsFrom(g.op, &b.head, k, n, f)
		if cause == nil {
			break
		}
		if cause == *dealt {
			return cause
		}
		g.lost = append(g.lost, int32(at))
		if err := g.failed(b, b.head.at(at), cause); err != nil {
			return err
		}
		k = at
	}
	return g.settle()
}
