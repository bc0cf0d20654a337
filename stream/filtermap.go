package stream

import "github.com/freshet-go/freshet/internal/engine"

// FilterMap turns each value into another, and leaves out those for which f
// reports false: Filter and Map in one. Order and times stay. It holds no state.
func (s Stream[T]) FilterMap[U any](f func(T) (U, bool), opts ...Option) Stream[U] {
	started(s.out != nil, "FilterMap", "Stream")
	given("FilterMap", "the function f", f)
	return attach(s, "filtermap", opts, func(op *engine.Instance, out receiver[U]) receiver[T] {
		return &filterMapper[T, U]{unary: newUnary[T](op, out), f: f}
	})
}

type filterMapper[T, U any] struct {
	unary[T, U]
	f      func(T) (U, bool)
	values []U // by row
	rows   []int32
	out    Batch[U]
}

func (m *filterMapper[T, U]) push(b *Batch[T]) error {
	m.op.In(b.Len())
	m.values, m.rows = sized(m.values, len(b.values)), m.rows[:0]
	err := m.each(b, func(row int) error {
		if u, ok := m.f(b.values[row]); ok {
			m.values[row] = u
			m.rows = append(m.rows, int32(row))
		}
		return nil
	})
	if err != nil || len(m.rows) == 0 {
		return err
	}
	m.out.head, m.out.values = b.head, m.values
	m.out.head.rows, m.out.head.narrow = m.rows, true
	m.op.Out(len(m.rows))
	return m.next.push(&m.out)
}
