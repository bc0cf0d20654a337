package stream

import "github.com/freshet-go/freshet/internal/engine"

// FilterMap turns each value into another, and leaves out those for which f
// reports false: Filter and Map in one pass, where finding out whether an event
// counts is most of the work of mapping it. Order and times stay as they are. It
// holds no state.
func (s Stream[T]) FilterMap[U any](f func(T) (U, bool), opts ...Option) Stream[U] {
	started(s.out != nil, "FilterMap", "Stream")
	given("FilterMap", "the function f", f)
	return attach(s, "filtermap", opts, func(op *engine.Instance, out receiver[U]) receiver[T] {
		return &filterMapper[T, U]{unary: newUnary[T](op, out), f: f}
	})
}

type filterMapper[T, U any] struct {
	unary[T, U]
	f   func(T) (U, bool)
	out Batch[U]
}

func (m *filterMapper[T, U]) push(b *Batch[T]) error {
	m.op.In(b.Len())
	m.out.empty()
	late := 0
	err := m.each(b, func(row int) error {
		if u, ok := m.f(b.values[row]); ok {
			m.out.take(u, &b.header, row, &late)
		}
		return nil
	})
	if err != nil || m.out.Len() == 0 {
		return err
	}
	m.op.Out(m.out.Len())
	return m.next.push(&m.out)
}
