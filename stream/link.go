package stream

import "github.com/freshet-go/freshet/internal/engine"

// A receiver takes what an operator upstream puts out. It is called by one
// goroutine, that of its stage.
type receiver[T any] interface {
	push(*Batch[T]) error
	Control(engine.Control) error
}

// A keyedReceiver is a receiver of events with keys.
type keyedReceiver[K comparable, T any] interface {
	pushKeyed(*KeyedBatch[K, T]) error
	Control(engine.Control) error
}

// A fan passes everything on to several receivers, which only read what they
// are handed and so can share it.
type fan[T any] struct{ to []receiver[T] }

func (f *fan[T]) push(b *Batch[T]) error {
	for _, r := range f.to {
		if err := r.push(b); err != nil {
			return err
		}
	}
	return nil
}

func (f *fan[T]) Control(c engine.Control) error {
	for _, r := range f.to {
		if err := r.Control(c); err != nil {
			return err
		}
	}
	return nil
}

// A unary is what operators with one input and one output have in common: it
// passes controls on, and deals with events that its function fails on.
type unary[T, U any] struct {
	guard[T]
	next receiver[U]
}

func newUnary[T, U any](op *engine.Instance, next receiver[U]) unary[T, U] {
	return unary[T, U]{newGuard[T](op), next}
}

// Control passes a control on.
func (u *unary[T, U]) Control(c engine.Control) error { return u.op.Pass(c, u.next) }

// A confluence is an instance of an operator with several inputs, and how far each of them has come.
type confluence struct {
	instance any
	frontier *engine.Frontier
}

// reach returns what is called in each place for each input of an operator: it connects the input, and returns the instance
// there, which build makes for the first of them.
func reach[I any](n *engine.Node, inputs int, build func(*engine.Place, *engine.Instance, *engine.Frontier) I) func(pl *engine.Place, input int) I {
	return func(pl *engine.Place, input int) I {
		c := confluenceIn(pl, n, inputs, func(op *engine.Instance, f *engine.Frontier) any { return build(pl, op, f) })
		c.frontier.Connect(input)
		return c.instance.(I)
	}
}

func confluenceIn(pl *engine.Place, n *engine.Node, inputs int, build func(*engine.Instance, *engine.Frontier) any) *confluence {
	return pl.Share(n, func() any {
		op, f := pl.Instance(n), engine.NewFrontier(inputs)
		f.Inputs[inputs-1].Mute = configOf(n).mute
		op.OnStart(func() error { return f.Connected() })
		return &confluence{build(op, f), f}
	}).(*confluence)
}
