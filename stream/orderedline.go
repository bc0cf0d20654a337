package stream

import "sort"

// A line is events that wait in the order of their times and places, by columns: what is due of it is handed on
// where it is. The zero line is empty.
type line[K comparable, T any] struct {
	at     places // not embedded: its methods would be wrapped for each type
	keys   []K
	values []T
	view   KeyedBatch[K, T] // what was taken last
}

// places is what of a line needs no type of the caller's, and so is compiled once.
type places struct {
	times  []Time
	seqs   []uint64
	hashes []uint64
	from   int // those before have been taken
	most   int // how many there have been since it was empty
}

func (p *places) len() int { return len(p.times) - p.from }

// time returns that of the i-th event which waits.
func (p *places) time(i int) Time { return p.times[p.from+i] }

// follows reports whether an event may be added: none that waits is later.
func (p *places) follows(t Time, seq uint64) bool {
	n := len(p.times)
	if n == p.from {
		return true
	}
	last := p.times[n-1]
	return t > last || t == last && seq >= p.seqs[n-1]
}

// behind reports whether the first event that waits comes behind one of a time and place.
func (p *places) behind(t Time, seq uint64) bool {
	first := p.times[p.from]
	return first > t || first == t && p.seqs[p.from] > seq
}

// before returns how many events are before a time, but no more than most.
func (p *places) before(t Time, most int) int {
	times := p.times[p.from:]
	times = times[:min(len(times), most)]
	if n := len(times); n == 0 || times[n-1] < t {
		return n
	}
	return sort.Search(len(times), func(i int) bool { return times[i] >= t })
}

// followedBy reports whether all n events of a batch may be added: it is in order, none of it is late or before a time, and none that waits is later.
func (p *places) followedBy(h *header, n int, from Time) bool {
	if n == 0 || len(h.late) > 0 {
		return false
	}
	first := h.at(0)
	return h.times[first] >= from && p.follows(h.times[first], h.seqOf(first)) && h.ascends(n)
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
	l.values, l.keys = appended(l.values, b.values, rows), appended(l.keys, b.keys, rows)
	l.at.putAll(&b.head, b.hashes)
}

// appended returns to with the elements of a column at some rows, or all where rows is nil. It is not inlined, nor are addRow and
// keep: a program has one copy of each for a type.
//
//go:noinline
func appended[E any](to, column []E, rows []int32) []E {
	if rows == nil {
		return append(to, column...)
	}
	n := len(to)
	to = append(to, make([]E, len(rows))...)
	for i, row := range rows {
		to[n+i] = column[row]
	}
	return to
}

// putAll adds the times and places of the selected rows of a batch, and the hashes of their keys.
func (p *places) putAll(from *header, hashes []uint64) {
	rows := from.selected()
	p.hashes = appended(p.hashes, hashes, rows)
	p.times = appended(p.times, from.times[:len(hashes)], rows)
	switch {
	case from.seqs != nil:
		p.seqs = appended(p.seqs, from.seqs[:len(hashes)], rows)
	case rows != nil:
		for _, row := range rows {
			p.seqs = append(p.seqs, from.seq+uint64(row))
		}
	default:
		for i := range uint64(len(hashes)) {
			p.seqs = append(p.seqs, from.seq+i)
		}
	}
}

// put adds a row of a batch.
func (l *line[K, T]) put[_ lazily](from *KeyedBatch[K, T], row int, t Time, seq uint64) {
	addRow(&l.keys, &l.values, &from.keys[row], &from.values[row])
	l.at.put(t, seq, from.hashes[row])
}

// put adds an event. It is not inlined, so that it is compiled once.
//
//go:noinline
func (p *places) put(t Time, seq, hash uint64) {
	p.times, p.seqs, p.hashes = append(p.times, t), append(p.seqs, seq), append(p.hashes, hash)
}

// addRow adds a key and a value to columns.
//
//go:noinline
func addRow[K, T any](keys *[]K, values *[]T, k *K, v *T) {
	*keys, *values = append(*keys, *k), append(*values, *v)
}

// putRow adds an event to a batch of those that were held back.
func (b *KeyedBatch[K, T]) putRow[_ lazily](k *K, v *T, t Time, seq, hash uint64) {
	addRow(&b.keys, &b.values, k, v)
	b.head.put(t, seq, hash, &b.hashes)
}

// put adds the time, the place and the hash of a row. It is not inlined, so that it is compiled once.
//
//go:noinline
func (h *header) put(t Time, seq, hash uint64, hashes *[]uint64) {
	h.times, h.seqs, *hashes = append(h.times, t), append(h.seqs, seq), append(*hashes, hash)
}

// pop moves the first event that waits to a batch.
func (l *line[K, T]) pop[_ lazily](to *KeyedBatch[K, T]) {
	i := l.at.from
	l.at.passed(1)
	to.putRow(&l.keys[i], &l.values[i], l.at.times[i], l.at.seqs[i], l.at.hashes[i])
}

// passed notes that the first n events that wait have been taken.
func (p *places) passed(n int) { p.from, p.most = p.from+n, max(p.most, len(p.times)) }

// take takes the first n events that wait. They are valid until tidy or put is called.
func (l *line[K, T]) take[_ lazily](n int) *KeyedBatch[K, T] {
	i, j := l.at.from, l.at.from+n
	l.at.passed(n)
	v := &l.view
	v.values, v.keys = l.values[i:j:j], l.keys[i:j:j]
	v.head, v.hashes = header{times: l.at.times[i:j:j], seqs: l.at.seqs[i:j:j]}, l.at.hashes[i:j:j]
	return v
}

// each calls put with each event that waits, in order, with the hash of its key.
func (l *line[K, T]) each[_ lazily](put func(uint64, keptEvent[K, T])) {
	for i := l.at.from; i < len(l.values); i++ {
		put(l.at.hashes[i], keptEvent[K, T]{l.at.hashes[i], l.keys[i], l.values[i], l.at.times[i], l.at.seqs[i]})
	}
}

// tidy forgets the events that were taken, and gives memory back where the line was much longer once.
func (l *line[K, T]) tidy[_ lazily]() {
	from := l.at.from
	size, taken := l.at.tidy(cap(l.values))
	switch {
	case !taken:
		return
	case l.at.times == nil: // all was given back
		l.values, l.keys = nil, nil
	default:
		keep(&l.values, from, size)
		keep(&l.keys, from, size)
	}
	l.view = KeyedBatch[K, T]{}
}

// tidy is that of a line with room for so many events. It reports whether there is something to forget, and returns the
// size of the new arrays for those that wait, or 0 where they stay in theirs.
func (p *places) tidy(room int) (size int, taken bool) {
	n := p.len()
	switch {
	case p.from == 0 || n > p.from:
		return 0, false
	case n > 0 && room > 1<<12 && n < room/8:
		size = 2 * n
	case n == 0 && room > 1<<12 && p.most < room/8:
		*p = places{}
		return 0, true
	case n == 0:
		p.most = 0
	}
	keep(&p.times, p.from, size)
	keep(&p.seqs, p.from, size)
	keep(&p.hashes, p.from, size)
	p.from = 0
	return size, true
}

// keep moves the elements from one on to the front, and keeps nothing alive behind them. With a size they get a new array of it.
//
//go:noinline
func keep[E any](s *[]E, from, size int) {
	was := *s
	if size > 0 {
		*s = append(make([]E, 0, size), was[from:]...)
		return
	}
	*s = was[:copy(was, was[from:])]
	clear(was[len(*s):])
}
