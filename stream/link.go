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
type fan[T any] []receiver[T]

func (f fan[T]) push(b *Batch[T]) error {
	for _, r := range f {
		if err := r.push(b); err != nil {
			return err
		}
	}
	return nil
}

func (f fan[T]) Control(c engine.Control) error {
	for _, r := range f {
		if err := r.Control(c); err != nil {
			return err
		}
	}
	return nil
}

// shareIn returns what build returns, called once for a node in a place: an
// operator with several inputs is reached over each of them.
func shareIn[I any](pl *engine.Place, n *engine.Node, build func() I) I {
	return pl.Share(n, func() any { return build() }).(I)
}
