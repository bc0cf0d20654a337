package stream

import "sort"

// A line is events that wait in the order of their times and places, by columns: what is due of it is handed on
// where it is. The zero line is empty.
type line[K comparable, T any] struct {
	KeyedBatch[K, T]
	from int              // those before have been taken
	most int              // how many there have been since it was empty
	view KeyedBatch[K, T] // what was taken last
}

func (l *line[K, T]) len() int { return len(l.values) - l.from }

// time returns that of the i-th event which waits.
func (l *line[K, T]) time(i int) Time { return l.head.times[l.from+i] }

// follows reports whether an event may be added: none that waits is later.
func (l *line[K, T]) follows(t Time, seq uint64) bool {
	n := len(l.head.times)
	if n == l.from {
		return true
	}
	last := l.head.times[n-1]
	return t > last || t == last && seq >= l.head.seqs[n-1]
}

// behind reports whether the first event that waits comes behind one of a time and place.
func (l *line[K, T]) behind(t Time, seq uint64) bool {
	first := l.head.times[l.from]
	return first > t || first == t && l.head.seqs[l.from] > seq
}

// before returns how many events are before a time, but no more than most.
func (l *line[K, T]) before(t Time, most int) int {
	times := l.head.times[l.from:]
	times = times[:min(len(times), most)]
	if n := len(times); n == 0 || times[n-1] < t {
		return n
	}
	return sort.Search(len(times), func(i int) bool { return times[i] >= t })
}

// put adds a row of a batch.
func (b *KeyedBatch[K, T]) put(from *KeyedBatch[K, T], row int, t Time, seq uint64) {
	b.values = append(b.values, from.values[row])
	b.head.times = append(b.head.times, t)
	b.head.seqs = append(b.head.seqs, seq)
	b.keys = append(b.keys, from.keys[row])
	b.hashes = append(b.hashes, from.hashes[row])
}

// take takes the first n events that wait. They are valid until tidy or put is called.
func (l *line[K, T]) take(n int) *KeyedBatch[K, T] {
	i, j := l.from, l.from+n
	l.from, l.most = j, max(l.most, len(l.values))
	v := &l.view
	v.values, v.keys, v.hashes = l.values[i:j:j], l.keys[i:j:j], l.hashes[i:j:j]
	v.head = header{times: l.head.times[i:j:j], seqs: l.head.seqs[i:j:j]}
	return v
}

// tidy forgets the events that were taken, and gives memory back where the line was much longer once.
func (l *line[K, T]) tidy() {
	n := l.len()
	switch {
	case l.from == 0 || n > l.from:
		return
	case n > 0 && cap(l.values) > 1<<12 && n < cap(l.values)/8:
		l.shrink(2 * n)
		return
	case n == 0 && cap(l.values) > 1<<12 && l.most < cap(l.values)/8:
		*l = line[K, T]{}
		return
	case n == 0:
		l.most = 0
	}
	move(&l.values, l.from)
	move(&l.head.times, l.from)
	move(&l.head.seqs, l.from)
	move(&l.keys, l.from)
	move(&l.hashes, l.from)
	l.from = 0
	l.view = KeyedBatch[K, T]{}
}

// shrink has the events that wait in columns of a size.
func (l *line[K, T]) shrink(size int) {
	was := *l
	*l = line[K, T]{}
	l.values = append(make([]T, 0, size), was.values[was.from:]...)
	l.head.times = append(make([]Time, 0, size), was.head.times[was.from:]...)
	l.head.seqs = append(make([]uint64, 0, size), was.head.seqs[was.from:]...)
	l.keys = append(make([]K, 0, size), was.keys[was.from:]...)
	l.hashes = append(make([]uint64, 0, size), was.hashes[was.from:]...)
}

// move moves the elements from one on to the front, and keeps nothing alive behind them.
func move[E any](s *[]E, from int) {
	n := copy(*s, (*s)[from:])
	clear((*s)[n:])
	*s = (*s)[:n]
}
