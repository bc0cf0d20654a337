package panes

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/table"
)

// AddsUp says of a kind that its accumulators are integers of 64 bits and sums of what
// is added, wrapping around.
func (k *Kind[K, A]) AddsUp() { k.sums, k.whole = true, keyhash.Whole[K]() }

// Sums reports whether AddsUp was called.
func (k *Kind[K, A]) Sums() bool { return k.sums }

// AddUp adds terms to the accumulators of keys: those of rows, or all where rows is nil.
// The kind AddsUp. Each term is one event, if the kind is counted.
func (c *Cells[K, A]) AddUp(hashes []uint64, keys []K, rows []int32, terms []A) {
	integers := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(terms))), len(terms))
	if c.kind.whole {
		numbers := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(keys))), len(keys))
		if c.Table.Len() > 0 {
			c.sums.Unsettle(unsafe.Pointer(&c.Table), &c.Counts)
		}
		c.sums.AddUp(hashes, numbers, rows, integers, c.kind.Counted)
		return
	}
	var counts *[]int64
	if c.kind.Counted {
		counts = &c.Counts
	}
	table.AddUp((*table.Table[K, uint64])(unsafe.Pointer(&c.Table)), hashes, keys, rows, integers, counts)
}

// settle brings all to the table: what AddUp adds up may be in sums, which know no
// places of keys. Who only adds up and reads does without.
func (c *Cells[K, A]) settle() {
	if c.sums.Len() > 0 {
		c.sums.Settle(unsafe.Pointer(&c.Table), &c.Counts)
	}
}

// cell returns what is at a place that is not negative. The pointers are valid until a
// key is added.
func (c *Cells[K, A]) cell(at int) (hash uint64, key *K, acc *A) {
	if c.sums.Len() > 0 {
		hash, k, sum := c.sums.At(at)
		return hash, (*K)(unsafe.Pointer(k)), (*A)(unsafe.Pointer(sum))
	}
	e := &c.Table.Entries()[at]
	return c.Table.Hashes()[at], &e.Key, &e.Val
}

// Each calls f for each key, in the order in which they came: with its hash, its accumulator
// and the number of its events, if the kind is counted. Sums are copied some at a time, as
// that waits for the memory of many at once.
func (c *Cells[K, A]) Each(f func(hash uint64, key *K, acc *A, n int64)) {
	for at := 0; at < c.sums.Len(); {
		if c.kind.some == nil {
			c.kind.some = make([]table.Sum, 128)
		}
		some := c.kind.some
		n := c.sums.Copy(some, at)
		for i := range some[:n] {
			s := &some[i]
			f(s.Hash, (*K)(unsafe.Pointer(&s.Key)), (*A)(unsafe.Pointer(&s.Sum)), s.Count)
		}
		at += n
	}
	entries, hashes, counts := c.Table.Entries(), c.Table.Hashes(), c.Counts
	for i := range entries {
		n := int64(0)
		if c.kind.Counted {
			n = counts[i]
		}
		f(hashes[i], &entries[i].Key, &entries[i].Val, n)
	}
}
