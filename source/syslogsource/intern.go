package syslogsource

import "hash/maphash"

// An interner gives the same string again for bytes that it has seen lately: names of hosts and programs recur
// in every message. What collides is forgotten, so it holds internSlots strings of internLen bytes at most.
type interner [internSlots]string

const (
	internSlots = 64
	internLen   = 64
)

var internSeed = maphash.MakeSeed()

func (n *interner) string(b []byte) string {
	if len(b) > internLen {
		return string(b)
	}
	slot := &n[maphash.Bytes(internSeed, b)%internSlots]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}
