package table

import (
	"slices"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// A Sum is what Sums hold of a key.
type Sum struct {
	Hash, Key, Sum uint64
	Count          int64
}

// At returns what is held of the key at a place. The pointers are valid until a key
// is added; the key must not be changed.
func (s *Sums) At(place int) (hash uint64, key, sum *uint64) {
	c := &s.cells[s.order[place]]
	return keyhash.Integer(c.key), &c.key, &c.sum
}

// Copy copies what is held of keys from a place on, as many as there is room for, and
// returns how many there were.
func (s *Sums) Copy(to []Sum, place int) int {
	n := min(len(to), len(s.order)-place)
	s.touchAt(s.order[place : place+n])
	for i, at := range s.order[place : place+n] {
		c := s.cells[at]
		to[i] = Sum{Hash: keyhash.Integer(c.key), Key: c.key, Sum: c.sum}
	}
	if s.counts != nil {
		for i, at := range s.order[place : place+n] {
			to[i].Count = int64(s.counts[at])
		}
	}
	return n
}

// Hashes puts the hashes of keys from a place on into to.
func (s *Sums) Hashes(to []uint64, place int) {
	order := s.order[place : place+len(to)]
	s.touchCells(order)
	for i, at := range order {
		to[i] = keyhash.Integer(s.cells[at].key)
	}
}

// A Pair is a key and its sum.
type Pair struct{ Key, Sum uint64 }

// Pairs appends all keys and their sums, in the order in which the keys came.
func (s *Sums) Pairs(to []Pair) []Pair {
	at := len(to)
	to = slices.Grow(to, len(s.order))[:at+len(s.order)]
	for order := s.order; len(order) > 0; {
		n := min(chunk, len(order))
		s.touchCells(order[:n])
		some := to[at : at+n]
		for i, place := range order[:n] {
			c := &s.cells[place]
			some[i] = Pair{c.key, c.sum}
		}
		order, at = order[n:], at+n
	}
	return to
}
