package stream

// Filter passes on the events whose value satisfies keep, in their order and
// with their times. It holds no state.
func (s Stream[T]) Filter[_ lazily](keep func(T) bool, opts ...Option) Stream[T] {
	started(s.out != nil, "Filter", "Stream")
	given("Filter", "the function keep", keep)
	return attach(s, "filter", opts, func(op *instance, out receiver[T]) receiver[T] {
		return &filter[T]{guard: newGuard[T](op), keep: keep, next: out}
	})
}

type filter[T any] struct {
	guard[T]
	keep func(T) bool
	next receiver[T]
	out  Batch[T]
	rows []int32
	pace pace
}

func (f *filter[T]) push(b *Batch[T]) error {
	n := b.Len()
	f.op.in(n)
	f.rows = sized(f.rows, n)
	kept, step := 0, f.pace.begin(n)
	for k := 0; k < n; k++ {
		var cause error
		if k, kept, cause = f.span(b, k, kept, step); cause != nil {
			if err := f.failed(b, b.at(k), cause); err != nil {
				return err
			}
		}
	}
	f.pace.end(n)
	if err := f.settle(); err != nil || kept == 0 {
		return err
	}
	f.out = *b
	f.out.rows, f.out.narrow = f.rows[:kept], true
	f.op.out(kept)
	return f.next.push(&f.out)
}

// span filters from the k-th event on. Where keep panics it returns that
// event's index, how many rows are kept so far and the cause; else b.Len().
// The results are stored and never loaded in the loops, so they cost little.
func (f *filter[T]) span(b *Batch[T], from, already, step int) (at, kept int, cause error) {
	defer rescue(&cause)
	keep, rows, n, halt := f.keep, f.rows, already, f.op.place.rt.halt
	at, kept = from, already
	if !b.narrow {
		for i := from; i < len(b.values); {
			if halt.Load() {
				return i, n, errStopped
			}
			for _, v := range b.values[i:min(i+step, len(b.values))] {
				at = i
				rows[n] = int32(i)
				if keep(v) {
					n++
				}
				kept = n
				i++
			}
		}
		return len(b.values), n, nil
	}
	values := b.values
	for k := from; k < len(b.rows); {
		if halt.Load() {
			return k, n, errStopped
		}
		for _, row := range b.rows[k:min(k+step, len(b.rows))] {
			at = k
			rows[n] = row
			if keep(values[row]) {
				n++
			}
			kept = n
			k++
		}
	}
	return len(b.rows), n, nil
}

func (f *filter[T]) control(c control) error {
	if err := f.guard.control(c); err != nil {
		return err
	}
	return f.next.control(c)
}
