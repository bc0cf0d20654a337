package table

import (
	"math"
	"unsafe"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// Sums are sums of integers of 64 bits by keys that are integers of 64 bits, too.
// They are what a Table of such types is where nothing is done but adding up: a key
// lies beside its sum where its hash says, so that to look it up costs one cache
// miss, where a Table with its index and its entries has two. A place of a key is
// how many came before it, as in a Table of which none was deleted; but to find the
// place of a key takes a Table: see Settle.
//
// The cells are probed linearly from the first of a group, of four that lie in one
// cache line. At most half of them are used, and thirteen of sixteen where there are
// many: then more keys are outside their group, which costs less than to wait for
// memory that the caches have no room for. The zero Sums are empty and ready for use.
type Sums struct {
	cells  []sumCell // a power of two, and the group of the key 0
	counts []uint32  // of the events of each cell; nil where they are not counted
	order  []uint32  // where the cells of keys are, in the order in which they came
}

// A sumCell with the key 0 is empty. The key 0 itself is in the last group, where the key
// of an empty cell is 1.
type sumCell struct{ key, sum uint64 }

const (
	group    = 4 // cells
	minCells = 16
	cellSize = unsafe.Sizeof(sumCell{})

	manyCells = 1 << 15 // half a megabyte, as much as a core has of the second cache

	// MaxCounted is how many events may be counted between two calls of Reset.
	MaxCounted = math.MaxUint32
)

// Len returns the number of keys.
func (s *Sums) Len() int { return len(s.order) }

// AddUp adds the terms of keys to their sums, as the function AddUp does. The hashes
// are those of package keyhash.
func (s *Sums) AddUp(hashes, keys []uint64, rows []int32, terms []uint64, counted bool) {
	if rows == nil && len(keys) == 1 { // of a slice that is not at hand: not worth a loop
		n := int64(0)
		if counted {
			n = 1
		}
		s.Add(hashes[0], keys[0], terms[0], n)
		return
	}
	if rows == nil {
		for len(keys) > 0 {
			n := min(len(keys), chunk)
			s.addUp(hashes[:n], keys[:n], terms[:n], counted)
			hashes, keys, terms = hashes[n:], keys[n:], terms[n:]
		}
		return
	}
	var h, k, v [chunk]uint64
	for len(rows) > 0 {
		n := min(len(rows), chunk)
		for i, row := range rows[:n] {
			h[i], k[i], v[i] = hashes[row], keys[row], terms[row]
		}
		s.addUp(h[:n], k[:n], v[:n], counted)
		rows = rows[n:]
	}
}

// addUp adds up to a chunk of terms. They are added once all cells are found, and found
// once all are asked for: a loop that does more than one of these keeps fewer cache
// misses under way.
func (s *Sums) addUp(hashes, keys, terms []uint64, counted bool) {
	var at, astray [chunk]uint32
	s.touch(hashes)
	for j, n := 0, s.located(hashes, keys, &at, &astray); j < n; j++ {
		i := astray[j]
		if at[i] = s.ensure(hashes[i], keys[i]); at[i] == moved {
			j, n = -1, s.located(hashes, keys, &at, &astray)
		}
	}
	sums := unsafe.Add(unsafe.Pointer(unsafe.SliceData(s.cells)), unsafe.Offsetof(sumCell{}.sum))
	for j, i := range at[:len(terms)] {
		*(*uint64)(unsafe.Add(sums, uintptr(i)*cellSize)) += terms[j]
	}
	if counted {
		s.count(at[:len(terms)])
	}
}

// count adds one to the number of events of each cell.
func (s *Sums) count(at []uint32) {
	if s.counts == nil {
		s.counts = make([]uint32, len(s.cells))
	}
	counts := s.counts
	for _, i := range at {
		counts[i]++
	}
}

// Add adds a term that is of n events to the sum of one key.
func (s *Sums) Add(hash, key, term uint64, n int64) {
	i := s.ensure(hash, key)
	if i == moved {
		i = s.ensure(hash, key)
	}
	s.cells[i].sum += term
	if n > 0 {
		s.count(nil)
		s.counts[i] += uint32(n)
	}
}

// located finds the cells of keys in their groups, and returns how many are not there:
// the first of astray say which. The four cells are compared, and keys that are astray
// noted, without a branch: see Index.
func (s *Sums) located(hashes, keys []uint64, at, astray *[chunk]uint32) (n int) {
	if len(s.cells) == 0 {
		s.rebuild(minCells)
	}
	cells, zero := unsafe.Pointer(unsafe.SliceData(s.cells)), uint32(len(s.cells)-group)
	mask := (zero - 1) &^ (group - 1)
	hashes = hashes[:len(keys)]
	for j, key := range keys {
		first := uint32(hashes[j]) & mask
		if key == 0 {
			first = zero
		}
		g := (*[group]sumCell)(unsafe.Add(cells, uintptr(first)*cellSize))
		k0, k1, k2, k3 := g[0].key, g[1].key, g[2].key, g[3].key
		i := uint32(group)
		if k3 == key {
			i = 3
		}
		if k2 == key {
			i = 2
		}
		if k1 == key {
			i = 1
		}
		if k0 == key {
			i = 0
		}
		at[j%chunk] = first + i
		astray[n%chunk] = uint32(j)
		n += int(i / group)
	}
	return n
}

// moved is what ensure returns when it has made room.
const moved = math.MaxUint32

// ensure returns where the cell of a key is, which may be new.
func (s *Sums) ensure(hash, key uint64) uint32 {
	if len(s.cells) == 0 {
		s.rebuild(minCells)
	}
	i, found := s.find(hash, key)
	if found {
		return i
	}
	if zero := len(s.cells) - group; len(s.order) >= room(zero) {
		s.rebuild(2 * zero)
		return moved
	}
	s.cells[i].key = key
	s.order = append(s.order, i)
	return i
}

// room is how many keys fit into cells.
func room(cells int) int {
	if cells <= manyCells {
		return cells / 2
	}
	return cells / 16 * 13
}

// find returns where the cell of a key is, or the first empty one for it.
func (s *Sums) find(hash, key uint64) (i uint32, found bool) {
	zero := uint32(len(s.cells) - group)
	if key == 0 {
		return zero, s.cells[zero].key == 0
	}
	for i = uint32(hash) & (zero - 1) &^ (group - 1); s.cells[i].key != 0; i = (i + 1) & (zero - 1) {
		if s.cells[i].key == key {
			return i, true
		}
	}
	return i, false
}

// Get returns the sum of a key, and whether there is one.
func (s *Sums) Get(hash, key uint64) (sum uint64, is bool) {
	if len(s.order) == 0 {
		return 0, false
	}
	i, is := s.find(hash, key)
	return s.cells[i].sum, is
}

// rebuild makes size cells, which is a power of two.
func (s *Sums) rebuild(size int) {
	old, counts := s.cells, s.counts
	s.cells = make([]sumCell, size+group)
	s.vacate()
	if counts != nil {
		s.counts = make([]uint32, len(s.cells))
	}
	for n, from := range s.order {
		c := old[from]
		i, _ := s.find(keyhash.Integer(c.key), c.key)
		s.cells[i], s.order[n] = c, i
		if counts != nil {
			s.counts[i] = counts[from]
		}
	}
}

// Reset removes all keys, on the terms of Table.Reset.
func (s *Sums) Reset() {
	if n := len(s.order); len(s.cells) > 64*minCells && 64*n < len(s.cells) {
		*s = Sums{}
		return
	}
	s.order = s.order[:0]
	if len(s.cells) > 0 {
		clear(s.cells)
		clear(s.counts)
		s.vacate()
	}
}

// vacate makes the group of the key 0 empty.
func (s *Sums) vacate() {
	zero := s.cells[len(s.cells)-group:]
	for i := range zero {
		zero[i] = sumCell{key: 1}
	}
}
