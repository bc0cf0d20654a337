package syslogsource

import "hash/maphash"

// An interner gives the same string again for bytes that it has seen lately: names of hosts and programs recur
// in every message. Of those that fall together it keeps two, so it holds 2*internSets strings of internLen bytes at most.
type interner [internSets][2]string

const (
	internSets = 64
	internLen  = 64
)

var internSeed = maphash.MakeSeed()

func (n *interner) string(b []byte) string {
	if len(b) > internLen {
		return string(b)
	}
	set := &n[maphash.Bytes(internSeed, b)%internSets]
	switch {
	case set[0] == string(b):
	case set[1] == string(b):
		set[0], set[1] = set[1], set[0]
	default:
		set[0], set[1] = string(b), set[0]
	}
	return set[0]
}
