// Package timer orders what is due by time.
package timer

import (
	"cmp"
	"slices"
)

// A Queue gives items by due time, earliest first, and those of one time by
// ascending seq. The zero Queue is empty.
//
// It is a calendar queue in the spirit of R. Brown, "Calendar queues: a fast
// O(1) priority queue implementation for the simulation event set problem",
// CACM 31(10), 1988: what is due later waits unsorted in buckets of one width,
// and a bucket is sorted when its time has come. Where the paper resizes an
// array of buckets, this makes them narrower when one was too full. What is
// pushed into the bucket at hand is sorted when it is asked for: whoever
// pushes many and then pops many pays for one sort, and not for a heap.
type Queue[V any] struct {
	now     []Item[V] // the bucket whose time has come, the earliest item last
	soon    []Item[V] // what was pushed into its time since, unsorted
	later   map[int64]*bucket[V]
	last    *bucket[V] // the one of later that was pushed into last
	order   []int64    // the numbers of the buckets of later, as a heap
	current int64      // the number of the bucket in now; all before it are empty
	began   bool
	shift   uint
	n       int
	free    []*bucket[V]
}

// An Item is something due.
type Item[V any] struct {
	Due int64
	Seq uint64
	Val V
}

// A bucket holds the items that are due in a span of time, which has the
// number due >> shift.
type bucket[V any] struct {
	number int64
	items  []Item[V]
}

const (
	firstShift = 36  // buckets of about a minute, in nanoseconds
	lastShift  = 10  // buckets of about a microsecond
	fullBucket = 256 // a bucket of more items is too wide
)

func latestFirst[V any](a, b Item[V]) int {
	if a.Due != b.Due {
		return cmp.Compare(b.Due, a.Due)
	}
	return cmp.Compare(b.Seq, a.Seq)
}

// Len returns the number of items.
func (q *Queue[V]) Len() int { return q.n }

// Each calls f with every item, in no order.
func (q *Queue[V]) Each(f func(Item[V])) {
	each := func(items []Item[V]) {
		for _, x := range items {
			f(x)
		}
	}
	each(q.now)
	each(q.soon)
	for _, b := range q.later {
		each(b.items)
	}
}

// Push adds an item. Amortised, its way through the queue takes O(log b),
// where b is the number of items in a bucket.
func (q *Queue[V]) Push(due int64, seq uint64, v V) {
	if !q.began {
		q.began, q.shift, q.current = true, firstShift, due>>firstShift
		q.later = map[int64]*bucket[V]{}
	}
	q.n++
	b := q.bucket(due)
	*b = append(*b, Item[V]{due, seq, v})
}

// bucket returns where an item has to wait.
func (q *Queue[V]) bucket(due int64) *[]Item[V] {
	number := due >> q.shift
	switch {
	case number < q.current:
		q.putBack()
		q.current = number
		return &q.soon
	case number == q.current:
		return &q.soon
	case q.last == nil || q.last.number != number:
		if q.last = q.later[number]; q.last == nil {
			q.last = q.add(number)
		}
	}
	return &q.last.items
}

// add adds an empty bucket to later.
func (q *Queue[V]) add(number int64) *bucket[V] {
	b := &bucket[V]{}
	if n := len(q.free); n > 0 {
		b, q.free = q.free[n-1], q.free[:n-1]
	}
	b.number = number
	q.later[number] = b
	push(&q.order, number)
	return b
}

// putBack makes the bucket at hand one of later, as an earlier one was found.
func (q *Queue[V]) putBack() {
	if len(q.now)+len(q.soon) > 0 {
		b := q.add(q.current)
		b.items, q.now = append(q.now, q.soon...), b.items
		clear(q.soon)
		q.soon = q.soon[:0]
	}
}

// Next returns the earliest due time, and false when the queue is empty.
func (q *Queue[V]) Next() (int64, bool) {
	if q.n == 0 {
		return 0, false
	}
	q.turn()
	return q.now[len(q.now)-1].Due, true
}

// Pop removes the earliest item. It panics when the queue is empty.
func (q *Queue[V]) Pop() Item[V] {
	q.turn()
	last := len(q.now) - 1
	x := q.now[last]
	q.now[last] = Item[V]{}
	q.now = q.now[:last]
	q.n--
	return x
}

// PopDue appends the items that are due by a time to items, in order, but no
// more than limit of them, and removes them.
func (q *Queue[V]) PopDue(by int64, limit int, items []Item[V]) []Item[V] {
	for limit > 0 && q.n > 0 {
		q.turn()
		n := 0
		for n < limit && n < len(q.now) && q.now[len(q.now)-1-n].Due <= by {
			items = append(items, q.now[len(q.now)-1-n])
			n++
		}
		if n == 0 {
			break
		}
		clear(q.now[len(q.now)-n:])
		q.now = q.now[:len(q.now)-n]
		q.n -= n
		limit -= n
	}
	return items
}

// turn sees to it that the earliest item of a queue that is not empty is the
// last one of now.
func (q *Queue[V]) turn() {
	for {
		if len(q.soon) > 0 {
			if len(q.now)+len(q.soon) > fullBucket && q.shift > lastShift && q.wide() {
				q.narrow()
				continue
			}
			q.sortIn()
		}
		if len(q.now) > 0 {
			return
		}
		b := q.later[pop(&q.order)]
		delete(q.later, b.number)
		if q.last == b {
			q.last = nil
		}
		q.current = b.number
		q.soon, b.items = b.items, q.soon
		if len(q.free) < 64 {
			q.free = append(q.free, b)
		}
	}
}

// wide reports whether the items of soon are due at different times, so that
// narrower buckets would tell them apart.
func (q *Queue[V]) wide() bool {
	first := q.soon[0].Due >> lastShift
	for i := range q.soon {
		if q.soon[i].Due>>lastShift != first {
			return true
		}
	}
	return false
}

// sortIn moves the items of soon to their places in now.
func (q *Queue[V]) sortIn() {
	slices.SortFunc(q.soon, latestFirst)
	if len(q.now) == 0 {
		q.now, q.soon = q.soon, q.now
		return
	}
	i, j := len(q.now)-1, len(q.soon)-1
	q.now = append(q.now, q.soon...)
	for k := len(q.now) - 1; j >= 0; k-- {
		if i >= 0 && latestFirst(q.now[i], q.soon[j]) > 0 {
			q.now[k] = q.now[i]
			i--
		} else {
			q.now[k] = q.soon[j]
			j--
		}
	}
	clear(q.soon)
	q.soon = q.soon[:0]
}

// narrow puts everything into buckets of an eighth of the width.
func (q *Queue[V]) narrow() {
	all := append(q.now, q.soon...)
	for _, b := range q.later {
		all = append(all, b.items...)
	}
	clear(q.later)
	q.now, q.soon, q.last, q.order = nil, nil, nil, q.order[:0]
	q.shift -= 3
	q.current = q.current<<3 - 1
	for _, x := range all {
		b := q.bucket(x.Due)
		*b = append(*b, x)
	}
}
