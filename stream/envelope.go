package stream

import "github.com/freshet-go/freshet/internal/engine"

// An envelope carries a batch from one stage to another; the receiver hands the
// memory back when it is done. P is a pointer to the batch and its columns. Go
// compiles code for all types of pointers once, and so it does an envelope,
// senders and an entrance.
type envelope[P batched] struct {
	batch P
	to    func(P) error
	home  chan engine.Parcel
}

// batched is a pointer to a batch of some kind.
type batched interface {
	Len() int
	readAt() int64 // when a source read it, as header.born
}

func (e *envelope[P]) Len() int { return e.batch.Len() }

func (e *envelope[P]) Deliver() error {
	err := e.to(e.batch)
	select {
	case e.home <- e:
	default:
	}
	return err
}
