package stream

import (
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
)

// Filter passes on the events whose value satisfies keep, in their order and
// with their times. It holds no state.
func (s Stream[T]) Filter[_ lazily](keep func(T) bool, opts ...Option) Stream[T] {
	started(s.out != nil, "Filter", "Stream")
	given("Filter", "the function keep", keep)
	return attach(s, "filter", opts, func(op *engine.Instance, out receiver[T]) receiver[T] {
		return &filter[T]{unary: newUnary[T](op, out), keep: keep}
	})
}

type filter[T any] struct {
	unary[T, T]
	keep func(T) bool
	out  Batch[T]
	rows []int32
}

func (f *filter[T]) push(b *Batch[T]) error {
	n := b.Len()
	f.op.In(n)
	f.rows = sized(f.rows, n)
	kept := 0
	err := f.spans(b, func(k int) (at int, cause error) {
		from := kept
		if at, kept, cause = f.span(b, k, from); cause != nil {
			kept = from + max(0, slices.Index(f.rows[from:], int32(b.head.at(at))))
		}
		return at, cause
	})
	if err != nil || kept == 0 {
		return err
	}
	f.out = *b
	if kept < n {
		f.out.head.rows, f.out.head.narrow = f.rows[:kept], true
	}
	f.op.Out(kept)
	return f.next.push(&f.out)
}

// span filters from the k-th event on. Where keep panics it returns that
// event's index and the cause, else b.Len() and how many rows are kept by then.
// A row is written before keep is asked, and the next one over it unless it is
// kept: the last row that was written is the one on which keep panicked. So the
// loops store the index alone, and never load it, for whoever recovers.
func (f *filter[T]) span[_ lazily](b *Batch[T], from, already int) (at, kept int, cause error) {
	defer engine.Rescue(&cause)
	keep, rows, n, halt := f.keep, f.rows, already, f.op.Halt()
	at = from
	if !b.head.narrow {
		values := b.values
		for i := from; i < len(values); i++ {
			at = i
			if halt.Load() {
				return i, n, engine.ErrStopped
			}
			rows[n] = int32(i)
			if keep(values[i]) {
				n++
			}
		}
		return len(values), n, nil
	}
	values, in := b.values, b.head.rows
	for k := from; k < len(in); k++ {
		at = k
		if halt.Load() {
			return k, n, engine.ErrStopped
		}
		row := in[k]
		rows[n] = row
		if keep(values[row]) {
			n++
		}
	}
	return len(in), n, nil
}
