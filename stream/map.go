package stream

import (
	"context"

	"github.com/freshet-go/freshet/internal/engine"
)

// Map turns each value into another, in order; times stay as they are. It
// holds no state. For a function that can fail there is TryMap.
func (s Stream[T]) Map[U any](f func(T) U, opts ...Option) Stream[U] {
	started(s.out != nil, "Map", "Stream")
	given("Map", "the function f", f)
	return attach(s, "map", opts, func(op *engine.Instance, out receiver[U]) receiver[T] {
		return &mapper[T, U]{unary: newUnary[T](op, out), f: f}
	})
}

// TryMap is Map for a function that can fail or needs the run's context. An
// error is treated as a panic is: by default it stops the run; see
// SkipFailures, Divert and Try.
func (s Stream[T]) TryMap[U any](f func(context.Context, T) (U, error), opts ...Option) Stream[U] {
	started(s.out != nil, "TryMap", "Stream")
	given("TryMap", "the function f", f)
	return attach(s, "map", opts, func(op *engine.Instance, out receiver[U]) receiver[T] {
		return &mapper[T, U]{unary: newUnary[T](op, out), try: f}
	})
}

// Try is TryMap that returns the events that f failed on as a stream, with
// their positions and causes. Where nobody consumes that stream, the first
// failure stops the run. It takes neither SkipFailures nor Divert.
func Try[T, U any](s Stream[T], f func(context.Context, T) (U, error), opts ...Option) (Stream[U], Stream[Failed[T]]) {
	started(s.out != nil, "Try", "Stream")
	given("Try", "the function f", f)
	if configure(opts).given&optFailures != 0 {
		panic("stream: Try: neither SkipFailures nor Divert means anything to it, as its failures are its second stream: they are for TryMap")
	}
	var bad Failures[T]
	good := s.TryMap(f, append(opts, Divert(&bad))...)
	return good, bad.Stream()
}

type mapper[T, U any] struct {
	unary[T, U]
	f      func(T) U
	try    func(context.Context, T) (U, error) // instead of f
	values []U
	rows   []int32 // used once an event of a batch has failed
	out    Batch[U]
}

func (m *mapper[T, U]) push(b *Batch[T]) error {
	m.op.In(b.Len())
	m.values = sized(m.values, len(b.values))
	if err := m.spans(b, func(k int) (int, error) { return m.span(b, k) }); err != nil {
		return err
	}
	m.out.head, m.out.values = b.head, m.values
	m.out.head.without(m.lost, b.Len(), &m.rows)
	if m.out.Len() == 0 {
		return nil
	}
	m.op.Out(m.out.Len())
	return m.next.push(&m.out)
}

func (m *mapper[T, U]) span[_ lazily](b *Batch[T], from int) (at int, cause error) {
	defer engine.Rescue(&cause)
	at = from
	halt := m.op.Halt()
	if m.try != nil {
		ctx := m.op.Ctx()
		for k := from; k < b.Len(); k++ {
			at = k
			if halt.Load() {
				return k, engine.ErrStopped
			}
			row := b.head.at(k)
			u, err := m.try(ctx, b.values[row])
			if err != nil {
				return k, err
			}
			m.values[row] = u
		}
		return b.Len(), nil
	}
	f, out := m.f, m.values
	if !b.head.narrow {
		in := b.values
		out = out[:len(in)]
		for i := from; i < len(in); i++ {
			at = i
			if halt.Load() {
				return i, engine.ErrStopped
			}
			out[i] = f(in[i])
		}
		return len(in), nil
	}
	values := b.values
	out = out[:len(values)]
	rows := b.head.rows
	for k := from; k < len(rows); k++ {
		at = k
		if halt.Load() {
			return k, engine.ErrStopped
		}
		row := rows[k]
		out[row] = f(values[row])
	}
	return len(rows), nil
}
