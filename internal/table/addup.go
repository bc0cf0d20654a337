package table

import "unsafe"

// chunk is how many keys AddUp looks up at once: what the loops hand each other
// stays in the nearest cache.
const chunk = 256

// AddUp adds the terms of keys to their values, which are sums of integers of 64
// bits that wrap around: those of rows, or all where rows is nil. The sum of a key
// that is not there begins with 0. Where counts is not nil, it holds a number for
// each entry, which goes up by one for each term.
//
// It is what tables are for most of all. Each of its loops needs little enough to
// have it in registers, and lets the processor wait for the memory of many keys at
// once.
func AddUp[K comparable](t *Table[K, uint64], hashes []uint64, keys []K, rows []int32, terms []uint64, counts *[]int64) {
	var slots [chunk]uint32
	if rows == nil {
		for len(keys) > 0 {
			n := min(len(keys), chunk)
			locate(t, hashes[:n], keys[:n], &slots)
			sums := unsafe.Add(unsafe.Pointer(unsafe.SliceData(t.entries)), unsafe.Offsetof(Entry[K, uint64]{}.Val))
			add(sums, unsafe.Sizeof(Entry[K, uint64]{}), slots[:n], terms)
			if counts != nil {
				count(counts, len(t.entries), slots[:n])
			}
			hashes, keys, terms = hashes[n:], keys[n:], terms[n:]
		}
		return
	}
	var h, v [chunk]uint64
	var k [chunk]K
	for len(rows) > 0 {
		n := min(len(rows), chunk)
		for i, row := range rows[:n] {
			h[i], v[i], k[i] = hashes[row], terms[row], keys[row]
		}
		AddUp(t, h[:n], k[:n], nil, v[:n], counts)
		rows = rows[n:]
	}
}

// locate finds the slots of keys, and makes entries for those that have none.
func locate[K comparable](t *Table[K, uint64], hashes []uint64, keys []K, slots *[chunk]uint32) {
	t.x.touch(hashes)
	for j := 0; j < len(keys); j++ {
		if j += located(t, hashes[j:], keys[j:], slots[j:]); j < len(keys) {
			at, _ := t.Ensure(hashes[j], keys[j])
			slots[j] = uint32(at) + 1
		}
	}
}

// located finds the slots of keys until one is not where nearly all are, in its
// bucket, and returns which.
func located[K comparable](t *Table[K, uint64], hashes []uint64, keys []K, slots []uint32) int {
	words, entries := unsafe.Pointer(unsafe.SliceData(t.x.words)), unsafe.Pointer(unsafe.SliceData(t.entries))
	mask, bits, size := uint32(len(t.x.words)-1), t.x.slotBits, unsafe.Sizeof(Entry[K, uint64]{})
	if words == nil {
		return 0
	}
	hashes, slots = hashes[:len(keys)], slots[:len(keys)]
	for j, hash := range hashes {
		word := match(unsafe.Add(words, uintptr(home(hash, mask))*4), bits, tag(hash)&^bits)
		if word == 0 || (*Entry[K, uint64])(unsafe.Add(entries, uintptr(word&bits-1)*size)).Key != keys[j] {
			return j
		}
		slots[j] = word & bits
	}
	return len(keys)
}

// add adds terms to the sums at slots, which lie size bytes apart.
func add(sums unsafe.Pointer, size uintptr, slots []uint32, terms []uint64) {
	terms = terms[:len(slots)]
	for j, slot := range slots {
		*(*uint64)(unsafe.Add(sums, uintptr(slot-1)*size)) += terms[j]
	}
}

// count adds one to the number at each slot. There are as many numbers as entries.
func count(counts *[]int64, entries int, slots []uint32) {
	for len(*counts) < entries {
		*counts = append(*counts, 0)
	}
	numbers := *counts
	for _, slot := range slots {
		numbers[slot-1]++
	}
}
