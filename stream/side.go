package stream

import (
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
)

// A Side is a stream of what Process, ProcessBoth, ConnectAll or an operator of the caller's own puts out besides its
// results. The zero value is ready to be handed to SideOutput, once:
//
//	var alerts stream.Side[Alert]
//	totals := orders.Apply(watch, stream.SideOutput(&alerts))
//	alerts.Stream().To(pager)
//
// A function of Process puts out to it by [KeyContext.EmitTo], and an instance of an operator of the caller's own by
// [OperatorContext.Side]. Nobody has to consume it.
type Side[T any] struct{ out *output[T] }

// Stream returns the stream. It panics if no operator puts out to s.
func (s *Side[T]) Stream() Stream[T] {
	if s.out == nil {
		panic("stream: Side.Stream before an operator is given SideOutput of it")
	}
	return Stream[T]{s.out}
}

// SideOutput gives Process, ProcessBoth, ConnectAll or an operator of the caller's own a further output: to.Stream(). An
// operator may have several, of any types. It panics, when the operator is added, if to is in use
// already.
func SideOutput[T any](to *Side[T]) Option {
	if to == nil {
		panic("stream: SideOutput: the Side is nil")
	}
	return sideOption{option(func(c *config) {
		c.sides = append(c.sides, to)
		c.given |= optSide
	})}
}

// A sideOption can be told from other options by who makes an operator of one of the caller's own, as package pattern does.
type sideOption struct{ option }

// IsSideOutput marks it.
func (sideOption) IsSideOutput() {}

// A sideOutput is a *Side of any type.
type sideOutput interface {
	bind(p *Pipeline, n *engine.Node, label string)
	open(op *engine.Instance) (emitter any, flush func() error)
}

// bindSides makes the side outputs of an operator.
func bindSides(p *Pipeline, n *engine.Node) {
	for i, s := range configOf(n).sides {
		label := "side"
		if i > 0 {
			label = fmt.Sprintf("side %d", i+1)
		}
		s.bind(p, n, label)
	}
}

func (s *Side[T]) bind(p *Pipeline, n *engine.Node, label string) {
	if s.out != nil {
		panic(fmt.Sprintf("stream: %s and %s put out to the same Side", s.out.node.Name, n.Name))
	}
	s.out = newSide[T](p, n, label)
}

func (s *Side[T]) open(op *engine.Instance) (emitter any, flush func() error) {
	e := newEmitter(op, s.out.connect(op.Place))
	op.Side(func(c engine.Control) error {
		if err := e.flush(); err != nil {
			return err
		}
		return e.out.Control(c)
	})
	return e, e.flush
}

// sideOutputs are those of an instance.
type sideOutputs struct {
	of       map[any]any // by *Side, its *Emitter
	emitters []inheritor
	flushers []func() error
}

// openSides opens what an operator was given SideOutput of.
func openSides(op *engine.Instance) sideOutputs {
	o := sideOutputs{of: map[any]any{}}
	for _, s := range configOf(op.Node).sides {
		e, flush := s.open(op)
		o.of[s] = e
		o.emitters = append(o.emitters, e.(inheritor))
		o.flushers = append(o.flushers, flush)
	}
	return o
}
