package fluentsource

import "hash/maphash"

// An interner makes strings of bytes, and gives the same string again for bytes that
// it has seen lately. It is a direct-mapped cache, which forgets what collides, and so
// bounded: by internSlots strings of internLen bytes.
type interner struct{ slots [internSlots]string }

const (
	internSlots = 512
	internLen   = 64
	internTrial = 4096 // strings of a field after which a cache that has few of them is given up
)

var internSeed = maphash.MakeSeed()

// A trial is how well the strings of one field are found.
type trial struct {
	last         string // the string before: that of a field often stays the same
	tries, found int
	off          bool
}

// key returns a string that recurs.
func (n *interner) key(b []byte) string {
	if len(b) == 0 || len(b) > internLen {
		return string(b)
	}
	slot := &n.slots[maphash.Bytes(internSeed, b)%internSlots]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// value returns a string that may recur.
func (n *interner) value(t *trial, b []byte) string {
	if string(b) == t.last {
		return t.last
	}
	if t.off || len(b) == 0 || len(b) > internLen {
		return string(b)
	}
	slot := &n.slots[maphash.Bytes(internSeed, b)%internSlots]
	t.tries++
	if *slot == string(b) {
		t.found++
		t.last = *slot
		return *slot
	}
	s := string(b)
	*slot, t.last = s, s
	if t.tries >= internTrial { // a hit saves about four times what a miss costs
		t.off = t.found < t.tries/4
		t.tries, t.found = 0, 0
	}
	return s
}
