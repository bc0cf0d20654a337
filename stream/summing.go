package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/panes"
)

// A summing is how events are taken in by an aggregator that only adds up integers
// of 64 bits, as window.Sum and Count do. What is to be added is taken from all
// events of a batch first, and then added up by a loop that knows no types.
type summing[K comparable, T, A any] struct {
	of    func(T) A
	terms []A
	rows  []int32 // the events of a batch that are of the slice at hand
}

// An additive aggregator says that its accumulator is the sum of the terms.
type additive[T, A any] interface{ Terms() func(T) A }

// sums reports whether an aggregator adds up integers of 64 bits.
func sums[T, A any](agg accumulation[T, A]) bool {
	_, ok := agg.(additive[T, A])
	return ok && keyhash.Whole[A]()
}

// spanOfSums adds up the events from the at-th one on. Those on time and in one
// slice are together.
func (f *folder[K, T, A]) spanOfSums[_ lazily](store *panes.Sliced, sl *panes.Slice, b *KeyedBatch[K, T], at, cursor *int, together bool, late lateTaker[K, A]) error {
	s := f.sums
	end, cause := s.take(f.op, b, *at)
	if together {
		s.addUp(f.kind, sl, b, b.head.selected(), *at, end)
		*at = end
		return cause
	}
	now, marked := store.Watermark(), len(b.head.late) > 0
	s.rows = append(s.rows[:0], 0)[:0] // not nil
	for k := *at; k < end; k++ {
		row := b.head.at(k)
		t := b.head.times[row]
		if t < now || marked {
			if wm := b.head.behind(row, cursor, now); t < wm {
				if f.inTime(t, wm) {
					late(t, wm, b.hashes[row], b.keys[row], s.terms[row])
				}
				continue
			}
		}
		if t >= sl.Start && t < sl.End {
			s.rows = append(s.rows, int32(row))
			continue
		}
		s.addUp(f.kind, store.At(t), b, nil, row, row+1)
	}
	s.addUp(f.kind, sl, b, s.rows, 0, len(s.rows))
	*at = end
	return cause
}

// take calls the function for the terms of the events from the k-th one on. It
// returns where it failed.
func (s *summing[K, T, A]) take[_ lazily](op *engine.Instance, b *KeyedBatch[K, T], k int) (at int, cause error) {
	defer engine.Rescue(&cause)
	s.terms = sized(s.terms, len(b.values))
	of, terms, values, rows, halt := s.of, s.terms, b.values, b.head.selected(), op.Halt()
	for n := b.Len(); k < n; k++ {
		at = k
		if halt.Load() {
			return k, engine.ErrStopped
		}
		row := k
		if rows != nil {
			row = int(rows[k])
		}
		terms[row] = of(values[row])
	}
	return k, nil
}

// addUp adds the terms of the rows from lo to hi to a slice: of those listed, or of
// all where rows is nil.
func (s *summing[K, T, A]) addUp[_ lazily](kind *panes.Kind[K, A], sl *panes.Slice, b *KeyedBatch[K, T], rows []int32, lo, hi int) {
	hashes, keys, terms := b.hashes, b.keys, s.terms
	if rows != nil {
		rows = rows[lo:hi]
	} else {
		hashes, keys, terms = hashes[lo:hi], keys[lo:hi], terms[lo:hi]
	}
	kind.CellsOf(sl).AddUp(hashes, keys, rows, terms)
}
