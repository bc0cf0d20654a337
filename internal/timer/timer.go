// Package timer orders what is due by time.
package timer

import "cmp"

// A Heap holds items by due time, earliest first. The zero Heap is empty. It
// is a binary heap; Push and Pop take O(log n).
type Heap[V any] struct{ items []Item[V] }

// An Item is something due. Items due at the same time come in the order they
// were pushed.
type Item[V any] struct {
	Due int64
	seq uint64
	Val V
}

// Len returns the number of items.
func (h *Heap[V]) Len() int { return len(h.items) }

// Next returns the earliest due time, and false when the heap is empty.
func (h *Heap[V]) Next() (int64, bool) {
	if len(h.items) == 0 {
		return 0, false
	}
	return h.items[0].Due, true
}

// Items returns what the heap holds, in no order.
func (h *Heap[V]) Items() []Item[V] { return h.items }

// Push adds v. Seq breaks ties: items of one due time come by ascending seq.
func (h *Heap[V]) Push(due int64, seq uint64, v V) {
	h.items = append(h.items, Item[V]{due, seq, v})
	i := len(h.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(i, parent) {
			break
		}
		h.items[i], h.items[parent] = h.items[parent], h.items[i]
		i = parent
	}
}

// Pop removes the earliest item. It panics when the heap is empty.
func (h *Heap[V]) Pop() Item[V] {
	top := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items[last] = Item[V]{}
	h.items = h.items[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && h.less(right, child) {
			child = right
		}
		if !h.less(child, i) {
			break
		}
		h.items[i], h.items[child] = h.items[child], h.items[i]
		i = child
	}
	return top
}

func (h *Heap[V]) less(i, j int) bool {
	a, b := &h.items[i], &h.items[j]
	return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.seq, b.seq)) < 0
}
