package stream

import (
	"cmp"

	"github.com/freshet-go/freshet/internal/engine"
)

// FlatMap turns each value into any number of others: those that f emits, in
// that order, with the time of the event they come from. Emit must not be
// used after f has returned. What f had emitted for an event before it
// panicked is passed on.
func (s Stream[T]) FlatMap[U any](f func(v T, emit func(U)), opts ...Option) Stream[U] {
	started(s.out != nil, "FlatMap", "Stream")
	given("FlatMap", "the function f", f)
	return attach(s, "flatmap", opts, func(op *engine.Instance, out receiver[U]) receiver[T] {
		m := &flatMapper[T, U]{unary: newUnary[T](op, out), f: f}
		m.emit = m.add
		return m
	})
}

type flatMapper[T, U any] struct {
	unary[T, U]
	f    func(T, func(U))
	emit func(U)
	in   *Batch[T] // the batch being worked on, and where in it
	row  int
	late int
	out  Batch[U]
	err  error
}

func (m *flatMapper[T, U]) push(b *Batch[T]) error {
	m.op.In(b.Len())
	m.in, m.late, m.err = b, 0, nil
	m.out.empty()
	err := m.each(b, func(row int) error {
		m.row = row
		m.f(b.values[row], m.emit)
		if m.err != nil {
			return engine.ErrStopped // what follows has failed, and not f
		}
		return nil
	})
	if err = cmp.Or(m.err, err); err != nil {
		return err
	}
	m.flush()
	return m.err
}

// add is what f calls to emit.
func (m *flatMapper[T, U]) add(u U) {
	b, out := m.in, &m.out
	out.take(u, &b.head, m.row, &m.late)
	if len(out.values) >= m.op.BatchSize() {
		m.flush()
	}
}

func (m *flatMapper[T, U]) flush[_ lazily]() {
	if n := len(m.out.values); n > 0 && m.err == nil {
		m.op.Out(n)
		m.err = m.next.push(&m.out)
		m.op.Enter()
	}
	m.out.empty()
}
