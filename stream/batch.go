package stream

import (
	"iter"

	"github.com/freshet-go/freshet/window"
)

// Time is a point in event time: nanoseconds since the Unix epoch.
type Time = window.Time

// An Event is a value and its event time.
type Event[T any] struct {
	Value T
	Time  Time
}

// A Batch is a run of events, in the order in which they arrived. Whoever is
// handed a batch may read it until the call returns, and may neither change
// nor keep it: its memory belongs to the operator that made it.
//
// A batch is kept by columns. A filter leaves the columns alone and narrows
// the selection, so a row's index stays the same along a chain of operators.
type Batch[T any] struct {
	head   header
	values []T
}

// Len returns the number of events.
func (b *Batch[T]) Len() int {
	if b.head.narrow {
		return len(b.head.rows)
	}
	return len(b.values)
}

func (b *Batch[T]) readAt() int64 { return b.head.born }

// All yields the row and the value of each event in order. Rows are for Time;
// they ascend, and where a filter has taken events out they have gaps.
func (b *Batch[T]) All[_ lazily]() iter.Seq2[int, T] {
	// One loop for both cases, so that it is inlined where it is ranged over.
	return func(yield func(int, T) bool) {
		for k, n := 0, b.Len(); k < n; k++ {
			row := b.head.at(k)
			if !yield(row, b.values[row]) {
				return
			}
		}
	}
}

// Value returns the value of a row.
func (b *Batch[T]) Value[_ lazily](row int) T { return b.values[row] }

// Time returns the event time of a row, or window.MinTime while the stream
// has no event time.
func (b *Batch[T]) Time[_ lazily](row int) Time { return b.head.timeOf(row) }

// Timed reports whether the events have event times.
func (b *Batch[T]) Timed[_ lazily]() bool { return b.head.times != nil }

// Late reports whether the event of a row was behind its partition's watermark
// when it arrived.
func (b *Batch[T]) Late[_ lazily](row int) bool { return b.head.isLate(row) }

// sized returns a slice of n elements, on the memory of s if it is large
// enough. What they hold is left over from before.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, 2*cap(s)))
	}
	return s[:n]
}

// A KeyedBatch is a batch whose events have keys.
type KeyedBatch[K comparable, T any] struct {
	Batch[T]
	keys   []K
	hashes []uint64
}

// Key returns the key of a row.
func (b *KeyedBatch[K, T]) Key[_ lazily](row int) K { return b.keys[row] }

// Hash returns the hash of a row's key, which is the same in every process.
func (b *KeyedBatch[K, T]) Hash[_ lazily](row int) uint64 { return b.hashes[row] }
