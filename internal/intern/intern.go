// Package intern makes strings of bytes that recur without allocating them again.
package intern

import (
	"encoding/binary"
	"math/bits"
)

// A Cache gives the same string again for bytes that it has seen lately. It holds a bounded number of strings,
// in pairs: of those that fall into one pair it forgets one that has not recurred. One goroutine may use it.
type Cache struct {
	pairs   [][2]entry // a power of two
	longest int
}

// An entry is a string and the words of it: those of a string of up to 32 bytes are all of it, and comparing them spares a call.
type entry struct {
	words
	s string
}

// New returns a cache of so many strings, a power of two and at least 2, of longest bytes at most each. Longer ones are made anew
// each time. It takes 48 bytes for each, and then what they have.
func New(strings, longest int) *Cache {
	if strings < 2 || strings&(strings-1) != 0 {
		panic("intern: New: the number of strings is no power of two")
	}
	return &Cache{make([][2]entry, strings/2), longest}
}

type words struct{ first, second, third, last uint64 }

// wordsOf returns all of up to 32 bytes, and of more what they are folded into. Its b is not empty.
func wordsOf(b []byte) words {
	n := len(b)
	switch {
	case n > 32:
		return wordsOfLong(b)
	case n > 16:
		return words{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[n-16:]), binary.LittleEndian.Uint64(b[n-8:])}
	case n >= 8:
		return words{first: binary.LittleEndian.Uint64(b), last: binary.LittleEndian.Uint64(b[n-8:])}
	case n >= 4:
		return words{first: uint64(binary.LittleEndian.Uint32(b)), last: uint64(binary.LittleEndian.Uint32(b[n-4:]))}
	}
	return words{first: uint64(b[0]), last: uint64(b[n/2])<<8 | uint64(b[n-1])}
}

// wordsOfLong folds the words of more than 32 bytes into two. They are turned by no multiple of 8 bits each time, so that what differs in two places
// does not cancel out. It need not be better: who finds strings of the same words has the cache forget some sooner, and no more. A product for each
// word, or a call of maphash, takes twice as long.
func wordsOfLong(b []byte) words {
	n := len(b)
	third, last := binary.LittleEndian.Uint64(b[n-16:]), binary.LittleEndian.Uint64(b[n-8:])
	var x, y uint64
	for ; len(b) > 16; b = b[16:] {
		x, y = bits.RotateLeft64(x, 29)^binary.LittleEndian.Uint64(b), bits.RotateLeft64(y, 29)^binary.LittleEndian.Uint64(b[8:])
	}
	return words{first: bits.RotateLeft64(x, 29) ^ third, last: bits.RotateLeft64(y, 29) ^ last}
}

// hash mixes the words of a string of n bytes. Who sends many of one hash has the cache forget some sooner, and no more.
func (w words) hash(n int) uint64 {
	hi, lo := bits.Mul64(w.first^bits.RotateLeft64(w.third, 29)^0x9e3779b97f4a7c15, w.last^bits.RotateLeft64(w.second, 29)^uint64(n)^0xd1b54a32d192ed03)
	return hi ^ lo
}

// is reports whether e is the string b of words w.
func (e *entry) is(w words, b []byte) bool {
	return e.words == w && len(e.s) == len(b) && (len(b) <= 32 || e.s == string(b))
}

// String returns b as a string.
func (c *Cache) String(b []byte) string {
	if len(b) == 0 || len(b) > c.longest {
		return string(b)
	}
	s, _ := c.find(b)
	return s
}

// pair returns where a string of n bytes is, if the cache has it.
func (c *Cache) pair(w words, n int) *[2]entry {
	return &c.pairs[w.hash(n)&uint64(len(c.pairs)-1)]
}

func (c *Cache) find(b []byte) (s string, found bool) {
	w := wordsOf(b)
	pair := c.pair(w, len(b))
	if find(pair, w, b) {
		return pair[0].s, true
	}
	return add(pair, w, b), false
}

// find reports whether b is in its pair. It is the first from now on.
func find(pair *[2]entry, w words, b []byte) bool { return pair[0].is(w, b) || second(pair, w, b) }

// second is find for what is not the first.
func second(pair *[2]entry, w words, b []byte) bool {
	if !pair[1].is(w, b) {
		return false
	}
	pair[0], pair[1] = pair[1], pair[0]
	return true
}

// add puts b in its pair, where it has not been found.
func add(pair *[2]entry, w words, b []byte) string {
	if pair[0].s == "" {
		pair[0] = entry{w, string(b)}
		return pair[0].s
	}
	pair[1] = entry{w, string(b)} // what has recurred stays
	return pair[1].s
}

// A Trial finds out how well the strings of one field recur. Its zero value is ready for use.
type Trial struct {
	last          string // the string before: that of a field often stays the same
	found, missed int    // in this trial; where it is off, missed are those since
	passed        bool   // one trial has been
	off           bool
}

const (
	trial = 4096    // strings of a field after which it is given up, if few have recurred
	early = 1024    // and at the begin, if hardly any have
	again = 1 << 16 // strings after which one that was given up is tried once more, as others may come by then
)

// Try is String for a field whose strings may recur. Where they hardly ever do, it notices, and steps aside for a while.
func (c *Cache) Try(t *Trial, b []byte) string {
	if string(b) == t.last {
		return t.last
	}
	if len(b) == 0 || len(b) > c.longest || t.rests() {
		return string(b)
	}
	s, found := c.find(b)
	t.last = s
	t.tell(found)
	return s
}

// rests reports whether the field has been given up.
func (t *Trial) rests() bool {
	if !t.off {
		return false
	}
	if t.missed++; t.missed < again {
		return true
	}
	*t = Trial{last: t.last}
	return false
}

func (t *Trial) tell(found bool) {
	if found {
		t.found++
		return
	}
	t.missed++
	switch tries := t.found + t.missed; {
	case tries >= early && t.found < tries/16 && !t.passed:
		t.found, t.missed, t.off = 0, 0, true
	case tries >= trial: // a hit saves about four times what a miss costs
		t.off, t.passed = t.found < tries/4, true
		t.found, t.missed = 0, 0
	}
}
