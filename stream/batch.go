package stream

import (
	"cmp"
	"iter"
	"slices"

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
	values []T
	times  []Time  // nil while the events have no event time
	rows   []int32 // the selected rows, ascending; meaningful where narrow is set
	narrow bool

	// Where the rows come from, for errors and to break ties between events
	// of one time: seqs[i], or seq+i where seqs is nil.
	seq  uint64
	seqs []uint64

	// No selected row is earlier than first or later than last, where bounded
	// is set: many operators then need not look at each time.
	first, last Time
	bounded     bool

	late []lateMark // rows that were behind their partition's watermark, ascending
	born int64      // when a source read the batch, in nanoseconds of the run's clock; 0 if unknown
	part *partition // the source partition that the rows are from; nil behind an exchange
}

// A lateMark says that a row was behind the watermark of its own partition on
// arrival. It travels with the row, so that what counts as late does not
// depend on how fast other partitions are read.
type lateMark struct {
	row       int32
	watermark Time
}

// Len returns the number of events.
func (b *Batch[T]) Len() int {
	if b.narrow {
		return len(b.rows)
	}
	return len(b.values)
}

// All yields the row and the value of each event in order. Rows are for Time;
// they ascend, and where a filter has taken events out they have gaps.
func (b *Batch[T]) All() iter.Seq2[int, T] {
	// One loop for both cases, so that it is inlined where it is ranged over.
	return func(yield func(int, T) bool) {
		for k, n := 0, b.Len(); k < n; k++ {
			row := b.at(k)
			if !yield(row, b.values[row]) {
				return
			}
		}
	}
}

// Value returns the value of a row.
func (b *Batch[T]) Value(row int) T { return b.values[row] }

// Time returns the event time of a row, or window.MinTime while the stream
// has no event time.
func (b *Batch[T]) Time(row int) Time {
	if b.times == nil {
		return window.MinTime
	}
	return b.times[row]
}

// Timed reports whether the events have event times.
func (b *Batch[T]) Timed() bool { return b.times != nil }

// at returns the row of the k-th selected event.
func (b *Batch[T]) at(k int) int {
	if b.narrow {
		return int(b.rows[k])
	}
	return k
}

// selected returns the selected rows, or nil if all are.
func (b *Batch[T]) selected() []int32 {
	if b.narrow {
		return b.rows
	}
	return nil
}

// seqOf returns the position of a row as one number: which partition, and
// where in it.
func (b *Batch[T]) seqOf(row int) uint64 {
	if b.seqs != nil {
		return b.seqs[row]
	}
	return b.seq + uint64(row)
}

// Late reports whether the event of a row was behind its partition's watermark
// when it arrived.
func (b *Batch[T]) Late(row int) bool {
	_, late := slices.BinarySearchFunc(b.late, int32(row), func(m lateMark, row int32) int {
		return cmp.Compare(m.row, row)
	})
	return late
}

// lateness returns the watermark that a row was behind on arrival, and false
// for a row that was on time. *cursor must start at 0 and rows must ascend.
func (b *Batch[T]) lateness(row int, cursor *int) (Time, bool) {
	for *cursor < len(b.late) {
		m := b.late[*cursor]
		if int(m.row) == row {
			return m.watermark, true
		}
		if int(m.row) > row {
			break
		}
		*cursor++
	}
	return 0, false
}

// columns copies everything but the values from b: an operator that turns
// each row into one other row shares them.
func columns[U, T any](b *Batch[T]) Batch[U] {
	return Batch[U]{
		times: b.times, rows: b.rows, narrow: b.narrow,
		first: b.first, last: b.last, bounded: b.bounded,
		seq: b.seq, seqs: b.seqs, late: b.late, born: b.born, part: b.part,
	}
}

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
func (b *KeyedBatch[K, T]) Key(row int) K { return b.keys[row] }

// Hash returns the hash of a row's key, which is the same in every process.
func (b *KeyedBatch[K, T]) Hash(row int) uint64 { return b.hashes[row] }
