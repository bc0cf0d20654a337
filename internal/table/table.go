// Package table is the hash table that keyed operators keep their state in.
//
// It differs from a Go map where a stream operator needs it to: the caller
// brings the hash, which it has at hand from the exchange; the keys of a whole
// batch can be looked up together; entries lie dense in the order of their
// insertion, so that firing a window walks memory in a line; and a table can
// be emptied and used again without being collected.
package table

import "unsafe"

// A Table maps keys to values. The zero Table is empty and ready for use. It
// is not safe for concurrent use.
type Table[K comparable, V any] struct {
	x       Index
	entries []Entry[K, V]
}

// An Entry is a key and its value.
type Entry[K comparable, V any] struct {
	Key K
	Val V
}

// lazily is the constraint of a type parameter that Go infers. A method that has one is
// compiled where it is called, and not for every Table.
type lazily interface{ bool }

// Len returns the number of entries.
func (t *Table[K, V]) Len() int { return len(t.entries) }

// Entries returns the entries, in insertion order as long as none was
// deleted. The slice is valid until the next insertion or deletion; values
// may be changed in place.
func (t *Table[K, V]) Entries[_ lazily]() []Entry[K, V] { return t.entries }

// Hashes returns the hashes of the entries, on the terms of Entries.
func (t *Table[K, V]) Hashes[_ lazily]() []uint64 { return t.x.hashes }

// At returns the value of k, and whether it was inserted by this call, with
// V's zero value. The pointer is valid until the next insertion or deletion.
func (t *Table[K, V]) At[_ lazily](hash uint64, k K) (v *V, fresh bool) {
	at, fresh := t.Ensure(hash, k)
	return &t.entries[at].Val, fresh
}

// Ensure is At that returns the place among the entries.
func (t *Table[K, V]) Ensure[_ lazily](hash uint64, k K) (at int, fresh bool) {
	i, slot := t.find(hash, k)
	if slot > 0 {
		return int(slot) - 1, false
	}
	t.entries = append(t.entries, Entry[K, V]{Key: k})
	t.x.insert(i, hash)
	return len(t.entries) - 1, true
}

// Find returns the value of k, or nil.
func (t *Table[K, V]) Find[_ lazily](hash uint64, k K) *V {
	if _, slot := t.find(hash, k); slot > 0 {
		return &t.entries[slot-1].Val
	}
	return nil
}

// Place returns the place of k among the entries, or -1.
func (t *Table[K, V]) Place[_ lazily](hash uint64, k K) int {
	_, slot := t.find(hash, k)
	return int(slot) - 1
}

// find returns the slot of k, which is one more than its place among the
// entries. It is 0 if k is not there, and i is where its word would stand in the
// index then.
func (t *Table[K, V]) find[_ lazily](hash uint64, k K) (i, slot uint32) {
	words, slots := t.x.words, t.x.slotBits
	if len(words) == 0 {
		return 0, 0
	}
	mask := uint32(len(words) - 1)
	want := tag(hash) &^ slots
	i = home(hash, mask)
	if word := match(unsafe.Pointer(&words[i&mask]), slots, want); word != 0 && t.entries[word&slots-1].Key == k {
		return 0, word & slots
	}
	for {
		word := words[i&mask]
		if word == 0 {
			return i, 0
		}
		if word&^slots == want && t.entries[word&slots-1].Key == k {
			return 0, word & slots
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
func (t *Table[K, V]) Probe[_ lazily](hashes []uint64, rows []int32, slots []uint32) {
	if t.x.probe(hashes, rows, slots) {
		t.Touch(rows, slots[:len(hashes)])
	}
}

// Touch brings the entries at some slots into the processor's caches: those of
// rows, or all where rows is nil.
func (t *Table[K, V]) Touch[_ lazily](rows []int32, slots []uint32) {
	Touch(unsafe.Pointer(unsafe.SliceData(t.entries)), unsafe.Sizeof(*new(Entry[K, V])), rows, slots)
}

// Delete removes k, if it is there, and moves the last entry into its place.
func (t *Table[K, V]) Delete[_ lazily](hash uint64, k K) {
	if at := t.Place(hash, k); at >= 0 {
		t.DeleteAt(at)
	}
}

// DeleteAt removes the entry at a place, and moves the last one there.
func (t *Table[K, V]) DeleteAt[_ lazily](at int) {
	last := len(t.entries) - 1
	t.x.remove(uint32(at) + 1)
	t.entries[at] = t.entries[last]
	clear(t.entries[last:])
	t.entries = t.entries[:last]
}

// Reset removes all entries and keeps the memory. A table that holds far less
// than it once did gives its memory back instead.
func (t *Table[K, V]) Reset[_ lazily]() {
	if !t.x.reset() {
		t.entries = nil
		return
	}
	clear(t.entries)
	t.entries = t.entries[:0]
}
