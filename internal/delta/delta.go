// Package delta makes patches: what has to be known to make new bytes of old
// ones. It is for bytes that consist of records in a lasting order, of which
// some have changed, come or gone, such as the state of a group of keys in one
// checkpoint and in the next.
//
// A patch is the length of the new bytes as a uvarint, and then, until there
// are so many, in turn
//
//	n, and n bytes       uvarint; they are inserted
//	skip, and n          varint, uvarint; n old bytes are copied that lie skip
//	                     bytes behind those that are due
//
// Due are the old bytes behind those copied last, and behind as many as were
// inserted since: a change of some bytes in place skips none.
package delta

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

const (
	block = 16 // bytes, which the index knows the old bytes by
	// reach is how many new bytes are looked at for one that some old ones
	// match. It is more than two blocks: of old bytes that are there, so
	// many hold a block that begins where the index has one.
	reach = 128
	// A match of so many bytes is taken without looking for a longer one:
	// more than a record has, of which there may be two that differ in their
	// keys alone.
	enough = 512
	// Where very many records have changed in place, the index is asked once in
	// so many times: it costs more than all else.
	patience = 16
	// A match of fewer bytes is not worth the four that a copy takes.
	least = 8
)

// A Maker makes patches. It keeps memory from one to the next. The zero Maker
// is ready for use, by one goroutine at a time.
type Maker struct {
	old, now []byte
	patch    []byte
	last     int // the end in old of what was copied last
	inserts  int // where in new bytes begin that the patch does not hold yet

	index   []uint32 // by hash: one more than which block of old
	shift   uint     // of hashes
	indexed bool     // index is of old
	vain    int      // how often in turn the index knew nothing better
	rest    int      // how often it is not asked before it is asked again
}

// Make returns a patch that makes now of old, or nil if it would be longer than
// limit. It takes time in proportion to the lengths.
func (m *Maker) Make(old, now []byte, limit int) []byte {
	m.old, m.now, m.indexed = old, now, false
	m.patch = binary.AppendUvarint(m.patch[:0], uint64(len(now)))
	m.last, m.inserts, m.vain, m.rest = 0, 0, 0, 0
	defer func() { m.old, m.now = nil, nil }()
	for i, j := 0, 0; j < len(now); {
		n := 0
		if i < len(old) {
			n = same(old[i:], now[j:])
		}
		if n >= least || n > 0 && j+n == len(now) {
			m.copy(i, j, n)
			i, j = i+n, j+n
		}
		if len(m.patch)+(j-m.inserts) > limit {
			return nil
		}
		if j < len(now) {
			i, j = m.next(i, j)
		}
	}
	if m.inserts < len(now) {
		m.insert(len(now))
	}
	if len(m.patch) > limit || len(now) > bound(old, m.patch) {
		return nil
	}
	return append([]byte(nil), m.patch...)
}

// same returns how many bytes a and b begin with that are the same.
func same(a, b []byte) int {
	n := min(len(a), len(b))
	a, b = a[:n], b[:n]
	k := 0
	for ; k+8 <= n; k += 8 {
		if x := word(a, k) ^ word(b, k); x != 0 {
			return k + bits.TrailingZeros64(x)/8
		}
	}
	for k < n && a[k] == b[k] {
		k++
	}
	return k
}

func word(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at : at+8]) }

// copy has the n old bytes at i be the new ones at j, and what lies in
// front of these and is not in the patch yet be inserted.
func (m *Maker) copy(i, j, n int) {
	for i > 0 && j > m.inserts && m.old[i-1] == m.now[j-1] {
		i, j, n = i-1, j-1, n+1
	}
	due := m.last + j - m.inserts
	m.insert(j)
	m.patch = binary.AppendVarint(m.patch, int64(i-due))
	m.patch = binary.AppendUvarint(m.patch, uint64(n))
	m.last, m.inserts = i+n, j+n
}

// insert has the new bytes up to end be inserted.
func (m *Maker) insert(end int) {
	m.patch = binary.AppendUvarint(m.patch, uint64(end-m.inserts))
	m.patch = append(m.patch, m.now[m.inserts:end]...)
}

// next returns where to go on behind old bytes and new ones at i and j that
// differ. Mostly some bytes have changed in place. Where records have come or
// gone, others that have moved match for longer.
func (m *Maker) next(i, j int) (int, int) {
	bestI, bestJ, best := m.inPlace(i, j)
	if m.rest > 0 && best > 0 {
		m.rest--
	} else if best < enough {
		if !m.indexed {
			m.makeIndex()
		}
		end := j + reach
		if best > 0 { // what matches only behind this is for the next time
			end = min(end, bestJ+best+block)
		}
		m.vain++
		for at := j; at < min(end, len(m.now)-block+1); at++ {
			b := m.index[m.hash(m.now, at)]
			from := int(b-1) * block
			if b == 0 || from-at == i-j {
				continue
			}
			if n := m.match(from, at); n > best+block {
				bestI, bestJ, best, m.vain = from, at, n, 0
				if n >= enough {
					break
				}
			}
		}
		m.rest = min(m.vain, patience)
	}
	if best > 0 {
		return bestI, bestJ
	}
	return i + reach, min(j+reach, len(m.now))
}

// inPlace looks for bytes that match at the same distance from i and j, and
// returns where they begin, and how many there are, or zero.
func (m *Maker) inPlace(i, j int) (int, int, int) {
	for k := 1; k <= reach && i+k+least <= len(m.old) && j+k+least <= len(m.now); k++ {
		x := word(m.old, i+k) ^ word(m.now, j+k)
		if x == 0 {
			return i + k, j + k, m.match(i+k, j+k)
		}
		k += 7 - bits.LeadingZeros64(x)/8 // no match begins in front of the last byte that differs
	}
	return 0, 0, 0
}

// match returns how many bytes are the same from i and from j on, as far as
// that matters.
func (m *Maker) match(i, j int) int {
	return same(m.old[i:min(i+enough, len(m.old))], m.now[j:min(j+enough, len(m.now))])
}

// makeIndex makes the index of old's blocks. Of several with one hash, the
// first one is found.
func (m *Maker) makeIndex() {
	n := len(m.old) / block
	size := bits.Len(uint(2*n + 1))
	if 1<<size > len(m.index) {
		m.index = make([]uint32, 1<<size)
	} else {
		clear(m.index[:1<<size])
	}
	m.shift, m.indexed = uint(64-size), true
	for b := n; b > 0; b-- {
		m.index[m.hash(m.old, (b-1)*block)] = uint32(b)
	}
}

// hash returns where the index has the block at a place of bytes.
func (m *Maker) hash(b []byte, at int) uint64 {
	const one, two = 0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F // odd, and of no pattern
	return (word(b, at)*one ^ bits.RotateLeft64(word(b, at+8)*two, 31)) * one >> m.shift
}

// bound is how many bytes may be made of old ones by a patch: what is inserted,
// and each old one twice. Without one a patch of a few bytes could ask for any number.
func bound(old, patch []byte) int { return 2*len(old) + len(patch) }

var errPatch = errors.New("delta: this is no patch of these bytes")

// growth bounds how many bytes patches in turn make of others: so many times
// as many as these and the patches have. Each may copy what there is twice, so that
// a few bytes of patches could ask for any number.
const growth = 16
