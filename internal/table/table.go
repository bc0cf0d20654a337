// Package table is the hash table that keyed operators keep their state in.
//
// It differs from a Go map where a stream operator needs it to: the caller
// brings the hash, which it has at hand from the exchange; the keys of a whole
// batch can be looked up together; entries lie dense in the order of their
// insertion, so that firing a window walks memory in a line; and a table can
// be emptied and used again without being collected.
package table

import (
	"math/bits"
	"unsafe"
)

// A Table maps keys to values. The zero Table is empty and ready for use. It
// is not safe for concurrent use.
type Table[K comparable, V any] struct {
	// index is probed linearly. A word is 0 where there is no entry, else the
	// entry's slot, which is one more than its place among the entries, in
	// the bits of slotBits, and above them bits of its hash: few words that
	// are not meant have to be followed to their entry.
	index    []uint32
	slotBits uint32
	entries  []Entry[K, V]
	hashes   []uint64 // of the entries; apart, as looking a key up does not need them
	seen     byte     // what Probe has loaded, so that its loads are not taken out
}

// An Entry is a key and its value.
type Entry[K comparable, V any] struct {
	Key K
	Val V
}

const (
	minIndex = 16
	// An index is at most three quarters full.
	loadNum, loadDen = 3, 4
)

// tag is the part of a hash that words carry. The lowest bits choose the
// place in the index and the highest are alike in a shard, so it is taken
// from between.
func tag(hash uint64) uint32 { return uint32(hash >> 25) }

// Len returns the number of entries.
func (t *Table[K, V]) Len() int { return len(t.entries) }

// Entries returns the entries, in insertion order as long as none was
// deleted. The slice is valid until the next insertion or deletion; values
// may be changed in place.
func (t *Table[K, V]) Entries() []Entry[K, V] { return t.entries }

// Hashes returns the hashes of the entries, on the terms of Entries.
func (t *Table[K, V]) Hashes() []uint64 { return t.hashes }

// At returns the value of k, and whether it was inserted by this call, with
// V's zero value. The pointer is valid until the next insertion or deletion.
func (t *Table[K, V]) At(hash uint64, k K) (v *V, fresh bool) {
	i, e := t.find(hash, k)
	if e != nil {
		return &e.Val, false
	}
	return t.insert(i, hash, k), true
}

// Find returns the value of k, or nil.
func (t *Table[K, V]) Find(hash uint64, k K) *V {
	if _, e := t.find(hash, k); e != nil {
		return &e.Val
	}
	return nil
}

// find returns k's place in the index and its entry, or the place where it
// would be.
func (t *Table[K, V]) find(hash uint64, k K) (uint32, *Entry[K, V]) {
	index, slots := t.index, t.slotBits
	if len(index) == 0 {
		return 0, nil
	}
	mask := uint32(len(index) - 1)
	want := tag(hash) &^ slots
	i := uint32(hash) & mask
	for {
		word := index[i&mask]
		if word == 0 {
			return i, nil
		}
		if word&^slots == want {
			if e := &t.entries[word&slots-1]; e.Key == k {
				return i, e
			}
		}
		i = (i + 1) & mask
	}
}

// Probe looks many keys up and brings their entries into the processor's
// caches: looking keys up one by one waits for memory once a key, looking at
// many at once waits for all of them together. A slot is one more than an
// index into Entries, or 0 where there is no entry; once in a while the entry
// is another key's. rows says which of the hashes are meant, all where it is
// nil.
func (t *Table[K, V]) Probe(hashes []uint64, rows []int32, slots []uint32) {
	if len(t.index) == 0 {
		clear(slots)
		return
	}
	if rows == nil {
		slots = slots[:len(hashes)]
		for i, h := range hashes {
			slots[i] = t.slot(h)
		}
		for _, s := range slots {
			t.touch(s)
		}
		return
	}
	for _, i := range rows {
		slots[i] = t.slot(hashes[i])
	}
	for _, i := range rows {
		t.touch(slots[i])
	}
}

// slot returns the slot of a hash as the index alone has it.
func (t *Table[K, V]) slot(hash uint64) uint32 {
	index, slots := t.index, t.slotBits
	mask := uint32(len(index) - 1)
	want := tag(hash) &^ slots
	for i := uint32(hash) & mask; ; i = (i + 1) & mask {
		if word := index[i&mask]; word == 0 || word&^slots == want {
			return word & slots
		}
	}
}

// touch loads the entry at a slot: its first and its last byte, as it may lie
// on two cache lines.
func (t *Table[K, V]) touch(slot uint32) {
	if slot != 0 {
		e := unsafe.Pointer(&t.entries[slot-1])
		t.seen += *(*byte)(e) + *(*byte)(unsafe.Add(e, unsafe.Sizeof(t.entries[0])-1))
	}
}

// insert adds an entry whose place in the index is i.
func (t *Table[K, V]) insert(i uint32, hash uint64, k K) *V {
	t.entries = append(t.entries, Entry[K, V]{Key: k})
	t.hashes = append(t.hashes, hash)
	n := len(t.entries)
	if loadDen*n > loadNum*len(t.index) {
		t.rebuild(max(minIndex, 2*len(t.index)))
	} else {
		t.index[i] = tag(hash)&^t.slotBits | uint32(n)
	}
	return &t.entries[n-1].Val
}

func (t *Table[K, V]) rebuild(size int) {
	t.index = make([]uint32, size)
	t.slotBits = 1<<bits.Len(uint(size*loadNum/loadDen)) - 1
	for n, h := range t.hashes {
		t.index[t.free(h)] = tag(h)&^t.slotBits | uint32(n+1)
	}
}

// free returns the first empty place for a hash.
func (t *Table[K, V]) free(hash uint64) uint32 {
	mask := uint32(len(t.index) - 1)
	i := uint32(hash) & mask
	for t.index[i] != 0 {
		i = (i + 1) & mask
	}
	return i
}

// Delete removes k, if it is there, and moves the last entry into its place.
func (t *Table[K, V]) Delete(hash uint64, k K) {
	i, e := t.find(hash, k)
	if e == nil {
		return
	}
	slot := t.index[i] & t.slotBits
	last := uint32(len(t.entries))
	if slot != last {
		moved := t.hashes[last-1]
		j, _ := t.find(moved, t.entries[last-1].Key)
		t.index[j] = tag(moved)&^t.slotBits | slot
		t.entries[slot-1], t.hashes[slot-1] = t.entries[last-1], moved
	}
	clear(t.entries[last-1:])
	t.entries, t.hashes = t.entries[:last-1], t.hashes[:last-1]
	t.unlink(i)
}

// unlink empties place i of the index and moves back what linear probing had
// pushed past it, so that no tombstones are needed.
func (t *Table[K, V]) unlink(i uint32) {
	mask := uint32(len(t.index) - 1)
	for j := (i + 1) & mask; t.index[j] != 0; j = (j + 1) & mask {
		home := uint32(t.hashes[t.index[j]&t.slotBits-1]) & mask
		if (j-home)&mask >= (j-i)&mask {
			t.index[i] = t.index[j]
			i = j
		}
	}
	t.index[i] = 0
}

// Reset removes all entries and keeps the memory. A table that holds far less
// than it once did gives its memory back instead.
func (t *Table[K, V]) Reset() {
	if n := len(t.entries); len(t.index) > 64*minIndex && 64*n < len(t.index) {
		*t = Table[K, V]{}
		return
	}
	clear(t.index)
	clear(t.entries)
	t.entries, t.hashes = t.entries[:0], t.hashes[:0]
}
