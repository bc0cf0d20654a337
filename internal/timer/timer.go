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
// array of buckets, this halves their width when one was too full.
type Queue[V any] struct {
	now     []Item[V]           // the bucket whose time has come, the earliest item last
	soon    heap[V]             // what was pushed into its time since
	later   map[int64][]Item[V] // by due >> shift
	order   heap[struct{}]      // the buckets of later, by number
	current int64               // the number of the bucket in now; all before it are empty
	began   bool
	shift   uint
	n       int
	spare   [][]Item[V]
}

// An Item is something due.
type Item[V any] struct {
	Due int64
	Seq uint64
	Val V
}

const (
	firstShift = 36  // buckets of about a minute, in nanoseconds
	fullBucket = 256 // a bucket of more items is too wide
)

func order[V any](a, b Item[V]) int {
	if a.Due != b.Due {
		return cmp.Compare(a.Due, b.Due)
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// Len returns the number of items.
func (q *Queue[V]) Len() int { return q.n }

// Push adds an item. Amortised it takes O(log b), where b is the number of
// items in a bucket.
func (q *Queue[V]) Push(due int64, seq uint64, v V) {
	if !q.began {
		q.began, q.shift, q.current = true, firstShift, due>>firstShift
		q.later = map[int64][]Item[V]{}
	}
	q.n++
	q.put(Item[V]{due, seq, v})
}

func (q *Queue[V]) put(x Item[V]) {
	number := x.Due >> q.shift
	if number <= q.current {
		q.soon.push(x)
		return
	}
	b, ok := q.later[number]
	if !ok {
		q.order.push(Item[struct{}]{Due: number})
		if n := len(q.spare); n > 0 {
			b, q.spare = q.spare[n-1], q.spare[:n-1]
		}
	}
	q.later[number] = append(b, x)
}

// Next returns the earliest due time, and false when the queue is empty.
func (q *Queue[V]) Next() (int64, bool) {
	if q.n == 0 {
		return 0, false
	}
	q.turn()
	if len(q.now) == 0 || len(q.soon) > 0 && order(q.soon[0], q.now[len(q.now)-1]) < 0 {
		return q.soon[0].Due, true
	}
	return q.now[len(q.now)-1].Due, true
}

// Pop removes the earliest item. It panics when the queue is empty.
func (q *Queue[V]) Pop() Item[V] {
	q.turn()
	q.n--
	last := len(q.now) - 1
	if last < 0 || len(q.soon) > 0 && order(q.soon[0], q.now[last]) < 0 {
		return q.soon.pop()
	}
	x := q.now[last]
	q.now[last] = Item[V]{}
	q.now = q.now[:last]
	return x
}

// PopDue appends the items that are due by a time to items, in order, but no
// more than limit of them, and removes them.
func (q *Queue[V]) PopDue(by int64, limit int, items []Item[V]) []Item[V] {
	for range limit {
		if due, ok := q.Next(); !ok || due > by {
			break
		}
		items = append(items, q.Pop())
	}
	return items
}

// turn makes the next bucket the current one when that is used up.
func (q *Queue[V]) turn() {
	for len(q.now) == 0 && len(q.soon) == 0 && len(q.order) > 0 {
		number := q.order.pop().Due
		b := q.later[number]
		delete(q.later, number)
		if len(b) > fullBucket && q.shift > 10 {
			q.narrow(number, b)
			continue
		}
		if cap(q.now) > 0 && len(q.spare) < 64 {
			q.spare = append(q.spare, q.now[:0])
		}
		slices.SortFunc(b, func(x, y Item[V]) int { return order(y, x) })
		q.now, q.current = b, number
	}
}

// narrow puts everything into buckets of an eighth of the width. first is the
// bucket numbered number, and taken out already.
func (q *Queue[V]) narrow(number int64, first []Item[V]) {
	all := first
	for _, b := range q.later {
		all = append(all, b...)
	}
	clear(q.later)
	q.order = q.order[:0]
	q.shift -= 3
	q.current = number<<3 - 1
	for _, x := range all {
		q.put(x)
	}
}

// heap is a binary heap, the least item first.
type heap[V any] []Item[V]

func (h *heap[V]) push(x Item[V]) {
	s := append(*h, x)
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if order(s[i], s[parent]) >= 0 {
			break
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
	*h = s
}

func (h *heap[V]) pop() Item[V] {
	s := *h
	top, last := s[0], len(s)-1
	s[0] = s[last]
	s[last] = Item[V]{}
	s = s[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && order(s[right], s[child]) < 0 {
			child = right
		}
		if order(s[child], s[i]) >= 0 {
			break
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
	*h = s
	return top
}
