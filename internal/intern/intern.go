// Package intern makes strings of bytes that recur without allocating them again.
package intern

import "hash/maphash"

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

// String returns b as a string.
func (c *Cache) String(b []byte) string {
	if len(b) == 0 || len(b) > c.longest {
		return string(b)
	}
	s, _ := c.find(b)
	return s
}

func (c *Cache) find(b []byte) (s string, found bool) {
	pair := &c.pairs[maphash.Bytes(seed, b)&uint64(len(c.pairs)-1)]
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
