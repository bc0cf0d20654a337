// Package timer orders what is due by time.
package timer

// A Queue gives items by due time, earliest first, and those of one time by
// ascending seq, where that is the same too in the order in which they were
// pushed. The zero Queue is empty.
//
// Its order is that of a calendar, which sorts small entries of one type. The
// values wait in a slab until their entries come up.
type Queue[V any] struct {
	calendar calendar
	slots    slots
	slab     []*[chunk]V
}

// An Item is something due.
type Item[V any] struct {
	Due int64
	Seq uint64
	Val V
}

// chunk is how many values of the slab are allocated at once. A slab in
// pieces grows without copying and gives its memory back by the piece.
const chunk = 64

// lazily is the constraint of a type parameter that Go infers. A method that
// has one is compiled where it is called, and not for every type of item.
type lazily interface{ bool }

// Len returns the number of items.
func (q *Queue[V]) Len[_ lazily]() int { return q.calendar.n }

// at returns the place of a value.
func (q *Queue[V]) at[_ lazily](slot uint32) *V { return &q.slab[slot/chunk][slot%chunk] }

// Each calls f with every item, in no order, but for those of one time and seq: they come in the order in
// which they were pushed, so that a queue into which they are pushed again has it too.
func (q *Queue[V]) Each[_ lazily](f func(Item[V])) {
	first := true
	for part := range q.calendar.parts {
		for i := range part {
			if first { // it is backwards
				i = len(part) - 1 - i
			}
			e := part[i]
			f(Item[V]{e.due, e.seq, *q.at(e.slot)})
		}
		first = false
	}
}

// Push adds an item. Amortised, its way through the queue takes O(log b),
// where b is the number of items in a bucket.
func (q *Queue[V]) Push[_ lazily](due int64, seq uint64, v V) {
	slot := q.slots.take()
	q.calendar.push(entry{due: due, seq: seq, slot: slot})
	if int(slot) == len(q.slab)*chunk {
		q.slab = append(q.slab, new([chunk]V))
	}
	*q.at(slot) = v
}

// Next returns the earliest due time, and false when the queue is empty.
func (q *Queue[V]) Next[_ lazily]() (int64, bool) { return q.calendar.next() }

// First is Next with the seq of the item that Pop would remove.
func (q *Queue[V]) First[_ lazily]() (due int64, seq uint64, ok bool) {
	e, ok := q.calendar.first()
	return e.due, e.seq, ok
}

// Pop removes the earliest item. It panics when the queue is empty.
func (q *Queue[V]) Pop[_ lazily]() Item[V] {
	x := q.take(q.calendar.pop())
	q.shrink()
	return x
}

// PopDue appends the items that are due by a time to items, in order, but no
// more than limit of them, and removes them.
func (q *Queue[V]) PopDue[_ lazily](by int64, limit int, items []Item[V]) []Item[V] {
	for {
		due := q.calendar.popDue(by, limit)
		if len(due) == 0 {
			q.shrink()
			return items
		}
		for i := len(due) - 1; i >= 0; i-- {
			items = append(items, q.take(due[i]))
		}
		limit -= len(due)
	}
}

// LastDue returns the time of the last of the items that TakeDue would hand over, and false if none is due.
func (q *Queue[V]) LastDue[_ lazily](by int64, limit int) (int64, bool) {
	return q.calendar.lastDue(by, limit)
}

// TakeDue hands items that are due by a time to take, in order, but no more than limit of them, and removes them. It
// may be less than are due; it is one at least if any is. What v points to is valid until take returns, which may not
// call the queue.
func (q *Queue[V]) TakeDue[_ lazily](by int64, limit int, take func(due int64, seq uint64, v *V)) {
	due := q.calendar.popDue(by, limit)
	for i := len(due) - 1; i >= 0; i-- {
		e := &due[i]
		p := q.at(e.slot)
		take(e.due, e.seq, p)
		*p = *new(V)
		q.slots.give(e.slot)
	}
	q.shrink()
}

// take returns the item of an entry that was popped, and keeps nothing of its
// value alive.
func (q *Queue[V]) take[_ lazily](e entry) Item[V] {
	p := q.at(e.slot)
	x := Item[V]{e.due, e.seq, *p}
	*p = *new(V)
	q.slots.give(e.slot)
	return x
}

// shrink gives memory back once most of the slab is empty.
func (q *Queue[V]) shrink[_ lazily]() {
	if !q.slots.sparse(q.calendar.n) {
		return
	}
	for _, m := range q.slots.gather(&q.calendar) {
		*q.at(m.to) = *q.at(m.from)
		*q.at(m.from) = *new(V)
	}
	held := (q.calendar.n + chunk - 1) / chunk
	clear(q.slab[held:])
	q.slab = q.slab[:held]
}
