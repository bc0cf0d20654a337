package stream

import (
	"slices"
	"sort"
)

// A line is events that wait in the order of their times and places, by columns: what is due of it is handed on
// where it is. The zero line is empty.
type line[K comparable, T any] struct {
	KeyedBatch[K, T]
	from int              // those before have been taken
	most int              // how many there have been since it was empty
	view KeyedBatch[K, T] // what was taken last
}

func (l *line[K, T]) len[_ lazily]() int { return len(l.values) - l.from }

// time returns that of the i-th event which waits.
func (l *line[K, T]) time[_ lazily](i int) Time { return l.head.times[l.from+i] }

// follows reports whether an event may be added: none that waits is later.
func (l *line[K, T]) follows[_ lazily](t Time, seq uint64) bool {
	n := len(l.head.times)
	if n == l.from {
		return true
	}
	last := l.head.times[n-1]
	return t > last || t == last && seq >= l.head.seqs[n-1]
}

// behind reports whether the first event that waits comes behind one of a time and place.
func (l *line[K, T]) behind[_ lazily](t Time, seq uint64) bool {
	first := l.head.times[l.from]
	return first > t || first == t && l.head.seqs[l.from] > seq
}

// before returns how many events are before a time, but no more than most.
func (l *line[K, T]) before[_ lazily](t Time, most int) int {
	times := l.head.times[l.from:]
	times = times[:min(len(times), most)]
	if n := len(times); n == 0 || times[n-1] < t {
		return n
	}
	return sort.Search(len(times), func(i int) bool { return times[i] >= t })
}

// followedBy reports whether all of a batch may be added: it is in order, none of it is late or before a time, and none that waits is later.
func (l *line[K, T]) followedBy[_ lazily](b *KeyedBatch[K, T], from Time) bool {
	n := b.Len()
	if n == 0 || len(b.head.late) > 0 {
		return false
	}
	first := b.head.at(0)
	return b.head.times[first] >= from && l.follows(b.head.times[first], b.head.seqOf(first)) && b.head.ascends(n)
}

// ascends reports whether the n selected rows are in the order of their times and places.
func (h *header) ascends(n int) bool {
	if h.narrow {
		for i, row := range h.rows[1:] {
			if before := h.rows[i]; h.times[row] <= h.times[before] && (h.times[row] < h.times[before] || h.seqOf(int(row)) < h.seqOf(int(before))) {
				return false
			}
		}
		return true
	}
	times := h.times[:n]
	for i := 1; i < n; i++ {
		if times[i] <= times[i-1] && (times[i] < times[i-1] || h.seqOf(i) < h.seqOf(i-1)) {
			return false
		}
	}
	return true
}

// putAll adds a batch.
func (l *line[K, T]) putAll[_ lazily](b *KeyedBatch[K, T]) {
	rows := b.head.selected()
	l.values, l.keys, l.hashes = appended(l.values, b.values, rows), appended(l.keys, b.keys, rows), appended(l.hashes, b.hashes, rows)
	l.head.putAll(&b.head, len(b.values))
}

// appended returns to with the elements of a column at some rows, or all where rows is nil.
func appended[E any](to, column []E, rows []int32) []E {
	if rows == nil {
		return append(to, column...)
	}
	n := len(to)
	to = slices.Grow(to, len(rows))[:n+len(rows)]
	for i, row := range rows {
		to[n+i] = column[row]
	}
	return to
}

// putAll adds the times and places of the selected of n rows.
func (h *header) putAll(from *header, n int) {
	rows := from.selected()
	h.times = appended(h.times, from.times[:n], rows)
	switch {
	case from.seqs != nil:
		h.seqs = appended(h.seqs, from.seqs[:n], rows)
	case rows != nil:
		for _, row := range rows {
			h.seqs = append(h.seqs, from.seq+uint64(row))
		}
	default:
		for i := range uint64(n) {
			h.seqs = append(h.seqs, from.seq+i)
		}
	}
}

// put adds a row of a batch.
func (b *KeyedBatch[K, T]) put[_ lazily](from *KeyedBatch[K, T], row int, t Time, seq uint64) {
	b.values = append(b.values, from.values[row])
	b.head.times = append(b.head.times, t)
	b.head.seqs = append(b.head.seqs, seq)
	b.keys = append(b.keys, from.keys[row])
	b.hashes = append(b.hashes, from.hashes[row])
}

// take takes the first n events that wait. They are valid until tidy or put is called.
func (l *line[K, T]) take[_ lazily](n int) *KeyedBatch[K, T] {
	i, j := l.from, l.from+n
	l.from, l.most = j, max(l.most, len(l.values))
	v := &l.view
	v.values, v.keys, v.hashes = l.values[i:j:j], l.keys[i:j:j], l.hashes[i:j:j]
	v.head = header{times: l.head.times[i:j:j], seqs: l.head.seqs[i:j:j]}
	return v
}

// each calls put with each event that waits, in order, with the hash of its key.
func (l *line[K, T]) each[_ lazily](put func(uint64, keptEvent[K, T])) {
	for i := l.from; i < len(l.values); i++ {
		put(l.hashes[i], keptEvent[K, T]{l.hashes[i], l.keys[i], l.values[i], l.head.times[i], l.head.seqs[i]})
	}
}

// tidy forgets the events that were taken, and gives memory back where the line was much longer once.
func (l *line[K, T]) tidy[_ lazily]() {
	n, size := l.len(), 0
	switch {
	case l.from == 0 || n > l.from:
		return
	case n > 0 && cap(l.values) > 1<<12 && n < cap(l.values)/8:
		size = 2 * n
	case n == 0 && cap(l.values) > 1<<12 && l.most < cap(l.values)/8:
		*l = line[K, T]{}
		return
	case n == 0:
		l.most = 0
	}
	keep(&l.values, l.from, size)
	keepPlain(&l.head.times, l.from, size)
	keepPlain(&l.head.seqs, l.from, size)
	keep(&l.keys, l.from, size)
	keepPlain(&l.hashes, l.from, size)
	l.from = 0
	l.view = KeyedBatch[K, T]{}
}

// keep moves the elements from one on to the front, and keeps nothing alive behind them. With a size they get a new array of it.
func keep[E any](s *[]E, from, size int) {
	was := *s
	keepPlain(s, from, size)
	if size == 0 {
		clear(was[len(*s):])
	}
}

// keepPlain is keep for elements that refer to nothing.
func keepPlain[E any](s *[]E, from, size int) {
	if size > 0 {
		*s = append(make([]E, 0, size), (*s)[from:]...)
		return
	}
	*s = (*s)[:copy(*s, (*s)[from:])]
}
