package codec

import "hash/maphash"

// An interner makes strings of bytes and gives the same string again for
// bytes it has seen lately, without allocating. It is a direct-mapped cache:
// it forgets what collides, so it is bounded by internSlots strings of
// internLen bytes. Where strings hardly ever recur it notices, and steps
// aside.
//
// The zero value is ready for use.
type interner struct {
	slots        *[internSlots]string
	tries, found int
	off          bool
}

const (
	internSlots = 512
	internLen   = 256
	internTrial = 4096 // strings after which a cache that found few is given up
)

var internSeed = maphash.MakeSeed()

func (n *interner) string(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if n.off || len(b) > internLen {
		return string(b)
	}
	if n.slots == nil {
		n.slots = new([internSlots]string)
	}
	n.tries++
	slot := &n.slots[maphash.Bytes(internSeed, b)%internSlots]
	if *slot == string(b) {
		n.found++
		return *slot
	}
	s := string(b)
	*slot = s
	// A hit saves about four times what a miss costs.
	if n.tries >= internTrial {
		n.off = n.found < n.tries/4
		if n.off {
			n.slots = nil
		}
		n.tries, n.found = 0, 0
	}
	return s
}
