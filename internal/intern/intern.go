// Package intern makes strings of bytes that recur without allocating them again.
package intern

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A Cache gives the same string again for bytes that it has seen lately. It holds a bounded number of strings,
// in pairs: of those that fall into one pair it forgets one that has not recurred. One goroutine may use it.
type Cache struct {
	pairs   [][2]string // a power of two
	longest int
}

// New returns a cache of so many strings, a power of two and at least 2, of longest bytes at most each. Longer ones are made anew
// each time. It takes 16 bytes for each, and then what they have.
func New(strings, longest int) *Cache {
	if strings < 2 || strings&(strings-1) != 0 {
		panic("intern: New: the number of strings is no power of two")
	}
	return &Cache{make([][2]string, strings/2), longest}
}

var seed = maphash.MakeSeed()

// hashOf is quick for short strings, which most are. Who sends many of one hash has the cache forget some sooner, and no more.
func hashOf(b []byte) uint64 {
	n := len(b)
	var first, last uint64
	switch {
	case n > 16:
		return maphash.Bytes(seed, b)
	case n >= 8:
		first, last = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		first, last = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	default: // of one to three bytes
		first, last = uint64(b[0]), uint64(b[n/2])<<8|uint64(b[n-1])
	}
	hi, lo := bits.Mul64(first^0x9e3779b97f4a7c15, last^uint64(n)^0xd1b54a32d192ed03)
	return hi ^ lo
}

// String returns b as a string.
func (c *Cache) String(b []byte) string {
	if len(b) == 0 || len(b) > c.longest {
		return string(b)
	}
	s, _ := c.find(b)
	return s
}

func (c *Cache) find(b []byte) (s string, found bool) {
	pair := &c.pairs[hashOf(b)&uint64(len(c.pairs)-1)]
	switch {
	case pair[0] == string(b):
		return pair[0], true
	case pair[1] == string(b):
		pair[0], pair[1] = pair[1], pair[0]
		return pair[0], true
	case pair[0] == "":
		pair[0] = string(b)
		return pair[0], false
	}
	pair[1] = string(b) // what has recurred stays
	return pair[1], false
}

// A Trial finds out how well the strings of one field recur. Its zero value is ready for use.
type Trial struct {
	last         string // the string before: that of a field often stays the same
	tries, found int
	off          bool
}

const trial = 4096 // strings of a field after which it is given up, if few have recurred

// Try is String for a field whose strings may recur. Where they hardly ever do, it notices, and steps aside.
func (c *Cache) Try(t *Trial, b []byte) string {
	if string(b) == t.last {
		return t.last
	}
	if t.off || len(b) == 0 || len(b) > c.longest {
		return string(b)
	}
	s, found := c.find(b)
	t.last = s
	t.tell(found)
	return s
}

func (t *Trial) tell(found bool) {
	t.tries++
	if found {
		t.found++
	} else if t.tries >= trial { // a hit saves about four times what a miss costs
		t.off = t.found < t.tries/4
		t.tries, t.found = 0, 0
	}
}

// A Field is a cache for one field alone, of 512 strings of 256 bytes at most. It takes no memory before its first string, nor
// once it has stepped aside. Its zero value is ready for use.
type Field struct {
	cache *Cache
	trial Trial
}

// String returns b as a string.
func (f *Field) String(b []byte) string {
	if f.trial.off || len(b) == 0 || len(b) > longestOfField {
		return string(b)
	}
	if f.cache == nil {
		f.cache = New(stringsOfField, longestOfField)
	}
	s, found := f.cache.find(b)
	if f.trial.tell(found); f.trial.off {
		f.cache = nil
	}
	return s
}

const (
	stringsOfField = 512
	longestOfField = 256
)
