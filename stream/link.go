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

// shareIn returns what build returns, called once for a node in a place: an
// operator with several inputs is reached over each of them.
func shareIn[I any](pl *engine.Place, n *engine.Node, build func() I) I {
	return pl.Share(n, func() any { return build() }).(I)
}
