package stream

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
)

// A CoOperator is a KeyedOperator with two inputs that have the same type of
// key. All the events of a key, of both inputs, go to one instance.
type CoOperator[K comparable, L, R, Out any] func(c *OperatorContext) (CoProcessor[K, L, R, Out], error)

// A CoProcessor is an instance of a CoOperator, on the terms of a
// Processor. The watermark that an Advancer is told is the lower of the two
// inputs'.
type CoProcessor[K comparable, L, R, Out any] interface {
	ProcessLeft(in *KeyedBatch[K, L], out *Emitter[Out]) error
	ProcessRight(in *KeyedBatch[K, R], out *Emitter[Out]) error
}

// Connect adds an operator of the caller's own with two keyed inputs. It
// panics if they are of different pipelines. See Divert for where the failures of each
// input go.
func (k Keyed[K, T]) Connect[R, U any](right Keyed[K, R], op CoOperator[K, T, R, U], opts ...Option) Stream[U] {
	started(k.out != nil, "Connect", "Keyed")
	started(right.out != nil, "Connect", "Keyed")
	given("Connect", "the CoOperator", op)
	return attach2(k, right, "connect", "", opts, bindBoth[T, R], func(i *engine.Instance, m *meeting[K, T, R, U]) {
		c := ownContext(i, reflect.TypeFor[K](), &m.besides)
		left, right := newGuards[T, R](i)
		c.failing(0, left, &m.besides)
		c.failing(1, right, &m.besides)
		i.OnStart(func() error {
			p, err := op(c)
			if err != nil {
				return err
			}
			m.p = p
			if err := bindTimers[K](c.held, p, m.out); err != nil {
				return err
			}
			return m.begin(c, p)
		})
	})
}

// bindBoth connects what an operator of the caller's own with two inputs puts out
// besides its results.
func bindBoth[L, R any](p *Pipeline, n *engine.Node) {
	c := configOf(n)
	left, right := reflect.TypeFor[L](), reflect.TypeFor[R]()
	for _, d := range c.diverts {
		switch {
		case d == diversionOf(c, left):
			d.bind(p, n, left)
		case d == diversionOf(c, right):
			d.bind(p, n, right)
		case !d.takes(left) && !d.takes(right):
			panic(fmt.Sprintf("stream: %s takes %v and %v: it cannot divert to a %T", n.Name, left, right, d))
		}
	}
	if c.ttl > 0 {
		needsTime(n, "TimeToLive", 0, 1)
	}
	bindSides(p, n)
}

// diversionOf returns where the failures of an input are diverted to: of two of one type
// the last one counts.
func diversionOf(c *config, input reflect.Type) diversion {
	for _, d := range slices.Backward(c.diverts) {
		if d.takes(input) {
			return d
		}
	}
	return nil
}

// newGuards returns the guards of an instance with two inputs.
func newGuards[L, R any](op *engine.Instance) (left guard[L], right guard[R]) {
	c, l, r := configOf(op.Node), reflect.TypeFor[L](), reflect.TypeFor[R]()
	bad := diverted(op, diversionOf(c, l), l)
	left = guard[L]{op: op, side: "left side", bad: bad}
	if r != l {
		bad = diverted(op, diversionOf(c, r), r)
	}
	return left, guard[R]{op: op, side: "right side", bad: bad}
}
