package sqlsink

import (
	"bytes"
	"hash/maphash"
)

// A keySet knows keys. A map of strings would allocate each of them.
type keySet struct {
	seed  maphash.Seed
	slots []int32 // a key's number, counted from 1, where its hash says or behind that; 0 is none
	ends  []int   // of the keys
	keys  []byte  // one behind the other
}

// reset forgets all keys, and makes room for n.
func (s *keySet) reset(n int) {
	size := 8
	for size < 2*n { // so that half of the slots are free
		size *= 2
	}
	if cap(s.slots) < size {
		s.slots = make([]int32, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	s.ends, s.keys = s.ends[:0], s.keys[:0]
}

// add adds a key, and reports whether it is new.
func (s *keySet) add(key []byte) bool {
	mask := len(s.slots) - 1
	for at := int(maphash.Bytes(s.seed, key)) & mask; ; at = (at + 1) & mask {
		n := s.slots[at]
		if n == 0 {
			s.keys = append(s.keys, key...)
			s.ends = append(s.ends, len(s.keys))
			s.slots[at] = int32(len(s.ends))
			return true
		}
		if bytes.Equal(s.key(int(n)-1), key) {
			return false
		}
	}
}

// key returns a key by its number, counted from 0.
func (s *keySet) key(n int) []byte {
	start := 0
	if n > 0 {
		start = s.ends[n-1]
	}
	return s.keys[start:s.ends[n]]
}
