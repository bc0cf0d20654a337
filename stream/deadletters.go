package stream

import "github.com/freshet-go/freshet/internal/engine"

// deadLetters takes the failures of one instance.
type deadLetters interface {
	// What is put is of the partition of a header, and takes the place of one of its rows: of is nil, or the row -1, where no more is known.
	put(v any, at Time, of *header, row int, position string, cause error)
	flush() error
	Control(engine.Control) error
}

func (f *Failures[T]) open(op *engine.Instance) deadLetters {
	return &failureEmitter[T]{op.Node.Name, newEmitter(op, f.out.connect(op.Place))}
}

type failureEmitter[T any] struct {
	operator string
	out      *Emitter[Failed[T]]
}

func (e *failureEmitter[T]) put(v any, at Time, of *header, row int, position string, cause error) {
	value, _ := v.(T)
	failed := Failed[T]{Value: value, Time: at, Operator: e.operator, Position: position, Err: cause}
	if of == nil {
		of, row = &header{}, -1
	}
	if e.out.batch.head.part != of.part {
		_ = e.out.flush() // the emitter keeps its error
	}
	e.out.inherit(of.born, of.part)
	if row < 0 {
		e.out.emit(failed, at, 0)
		return
	}
	e.out.pass(failed, of, row)
}

func (e *failureEmitter[T]) flush() error                   { return e.out.flush() }
func (e *failureEmitter[T]) Control(c engine.Control) error { return e.out.out.Control(c) }
