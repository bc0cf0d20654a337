package table

import (
	"math/bits"
	"unsafe"
)

// An Index finds the places of keys by their hashes. It is what a Table is
// besides its keys and values, and is compiled once for all types. The places
// it finds are candidates: whoever holds the keys compares them.
//
// It is probed linearly from the first word of a bucket, of four words that lie
// in one cache line. A word is 0 where there is no entry, else the entry's
// slot, which is one more than its place among the entries, in the bits of
// slotBits, and above them bits of its hash: few words that are not meant have
// to be followed to their entry. Nearly all that are looked up are found by
// comparing the four words of their bucket without a branch, as one that the
// processor cannot foresee costs more than the four.
type Index struct {
	words    []uint32
	slotBits uint32
	hashes   []uint64 // of the entries; apart, as looking a key up does not need them
}

const (
	minIndex = 16
	bucket   = 4 // words
	// An index is at most three eighths full: nearly all entries are in their own
	// bucket, and most in its first word.
	loadNum, loadDen = 3, 8
)

// tag is the part of a hash that words carry. The lowest bits choose the
// place in the index and the highest are alike in a shard, so it is taken
// from between.
func tag(hash uint64) uint32 { return uint32(hash >> 25) }

// home returns where the bucket of a hash begins, in an index of mask+1 words.
func home(hash uint64, mask uint32) uint32 { return uint32(hash) & mask &^ (bucket - 1) }

// match returns the word of a bucket that carries the tag wanted, or 0.
func match(words unsafe.Pointer, slotBits, want uint32) (word uint32) {
	b := (*[bucket]uint32)(words)
	w0, w1, w2, w3 := b[0], b[1], b[2], b[3]
	if w3&^slotBits == want {
		word = w3
	}
	if w2&^slotBits == want {
		word = w2
	}
	if w1&^slotBits == want {
		word = w1
	}
	if w0&^slotBits == want {
		word = w0
	}
	return word
}

// insert adds an entry whose word is to stand at i. It is the last entry.
func (x *Index) insert(i uint32, hash uint64) {
	x.hashes = append(x.hashes, hash)
	n := len(x.hashes)
	if loadDen*n > loadNum*len(x.words) {
		x.rebuild(max(minIndex, 2*len(x.words)))
	} else {
		x.words[i] = tag(hash)&^x.slotBits | uint32(n)
	}
}

func (x *Index) rebuild(size int) {
	x.words = make([]uint32, size)
	x.slotBits = 1<<bits.Len(uint(size*loadNum/loadDen)) - 1
	for n, h := range x.hashes {
		x.words[x.free(h)] = tag(h)&^x.slotBits | uint32(n+1)
	}
}

// free returns the first empty place for a hash.
func (x *Index) free(hash uint64) uint32 {
	mask := uint32(len(x.words) - 1)
	i := home(hash, mask)
	for x.words[i] != 0 {
		i = (i + 1) & mask
	}
	return i
}

// word returns where the word of an entry stands.
func (x *Index) word(slot uint32) uint32 {
	mask := uint32(len(x.words) - 1)
	i := home(x.hashes[slot-1], mask)
	for x.words[i]&x.slotBits != slot {
		i = (i + 1) & mask
	}
	return i
}

// remove takes out the entry at a slot and gives its slot to the last entry.
func (x *Index) remove(slot uint32) {
	i := x.word(slot)
	last := uint32(len(x.hashes))
	if slot != last {
		moved := x.hashes[last-1]
		x.words[x.word(last)] = tag(moved)&^x.slotBits | slot
		x.hashes[slot-1] = moved
	}
	x.hashes = x.hashes[:last-1]
	x.unlink(i)
}

// unlink empties word i and moves back what linear probing had pushed past it,
// so that no tombstones are needed.
func (x *Index) unlink(i uint32) {
	mask := uint32(len(x.words) - 1)
	for j := (i + 1) & mask; x.words[j] != 0; j = (j + 1) & mask {
		first := home(x.hashes[x.words[j]&x.slotBits-1], mask)
		if (j-first)&mask >= (j-i)&mask {
			x.words[i] = x.words[j]
			i = j
		}
	}
	x.words[i] = 0
}

// reset removes all entries. It keeps the memory, and reports whether it did:
// an index that holds far less than it once did gives its memory back.
func (x *Index) reset() (kept bool) {
	if n := len(x.hashes); len(x.words) > 64*minIndex && 64*n < len(x.words) {
		*x = Index{}
		return false
	}
	clear(x.words)
	x.hashes = x.hashes[:0]
	return true
}

// probe puts the slots of hashes into slots, as the index alone has them, and
// reports whether there can be any.
func (x *Index) probe(hashes []uint64, rows []int32, slots []uint32) bool {
	if len(x.words) == 0 {
		clear(slots)
		return false
	}
	if rows == nil {
		slots = slots[:len(hashes)]
		for len(hashes) > 0 {
			n := min(len(hashes), chunk)
			x.touch(hashes[:n])
			x.probeAll(hashes[:n], slots)
			hashes, slots = hashes[n:], slots[n:]
		}
		return true
	}
	for len(rows) > 0 {
		n := min(len(rows), chunk)
		x.touchOf(hashes, rows[:n])
		x.probeOf(hashes, rows[:n], slots)
		rows = rows[n:]
	}
	return true
}

// probeAll and probeOf look up hashes. Nearly all are in their buckets, and for these they call nothing.
func (x *Index) probeAll(hashes []uint64, slots []uint32) {
	words, bits, mask := unsafe.Pointer(unsafe.SliceData(x.words)), x.slotBits, uint32(len(x.words)-1)
	slots = slots[:len(hashes)]
	for i, h := range hashes {
		word := match(unsafe.Add(words, uintptr(home(h, mask))*4), bits, tag(h)&^bits)
		if word == 0 {
			word = x.slot(h)
		}
		slots[i] = word & bits
	}
}

func (x *Index) probeOf(hashes []uint64, rows []int32, slots []uint32) {
	words, bits, mask := unsafe.Pointer(unsafe.SliceData(x.words)), x.slotBits, uint32(len(x.words)-1)
	for _, i := range rows {
		h := hashes[i]
		word := match(unsafe.Add(words, uintptr(home(h, mask))*4), bits, tag(h)&^bits)
		if word == 0 {
			word = x.slot(h)
		}
		slots[i] = word & bits
	}
}

// slot returns the slot of a hash as the index alone has it.
func (x *Index) slot(hash uint64) uint32 {
	words, slots := x.words, x.slotBits
	mask := uint32(len(words) - 1)
	want := tag(hash) &^ slots
	i := home(hash, mask)
	if word := match(unsafe.Pointer(&words[i&mask]), slots, want); word != 0 {
		return word & slots
	}
	for ; ; i = (i + 1) & mask {
		if word := words[i&mask]; word == 0 || word&^slots == want {
			return word & slots
		}
	}
}
