package basket

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrTooMany says that there are more sets than MaxSets.
var ErrTooMany = errors.New("basket: more sets than MaxSets: raise MinSupport, or lower MaxSize")

// An Itemset is a set of items that many baskets hold.
type Itemset[T cmp.Ordered] struct {
	Items []T // ascending
	Count int // baskets that hold all of them
}

// Itemsets are the sets that Frequent has found.
type Itemsets[T cmp.Ordered] struct {
	// Sets are ordered by Count, the greatest first, then by size, then by their items.
	Sets []Itemset[T]
	// Baskets is how many baskets there were.
	Baskets int

	ranked []rankedSet       // as Sets, with items as ranks
	counts map[string]uint32 // by key
	items  []T               // by rank
}

// Support returns the share of baskets that hold a set.
func (s *Itemsets[T]) Support(set Itemset[T]) float64 {
	return float64(set.Count) / float64(s.Baskets)
}

// Frequent returns all sets of items that at least MinSupport of the baskets hold.
//
// It is FP-Growth: Han, Pei and Yin, "Mining Frequent Patterns without Candidate Generation", SIGMOD
// 2000. Time and memory grow with the number of sets found, and there may be exponentially many: see
// MaxSets. No baskets have no sets.
func (b *Baskets[T]) Frequent(opts ...Option) (*Itemsets[T], error) {
	c := config{support: 0.01, size: 32, most: 1_000_000}
	for _, o := range opts {
		o(&c)
	}
	least := c.least(b.Len())
	rank, items := b.ranks(least)
	s := &Itemsets[T]{Baskets: b.Len(), counts: map[string]uint32{}, items: items}
	g := &growth{least: least, size: c.size}
	g.found = func(ranks []uint32, count uint32) error {
		if len(s.ranked) == c.most {
			return fmt.Errorf("%w (%d)", ErrTooMany, c.most)
		}
		set := rankedSet{slices.Clone(ranks), count}
		slices.Sort(set.ranks)
		s.ranked = append(s.ranked, set)
		s.counts[set.key()] = count
		return nil
	}
	t := g.tree(0, len(items))
	var row []uint32
	start := 0
	for _, end := range b.ends {
		row = row[:0]
		for _, id := range b.all[start:end] {
			if r := rank[id]; r != rare {
				row = append(row, r)
			}
		}
		start = end
		slices.Sort(row)
		t.insert(row, 1)
	}
	if err := g.mine(t, 0); err != nil {
		return nil, err
	}
	s.order()
	return s, nil
}

// rare is the rank of items that are in no frequent set.
const rare = ^uint32(0)

// ranks returns the rank of each item by how many baskets hold it, and the items by
// rank: the most frequent have the lowest, so that they stand near the root and are shared.
func (b *Baskets[T]) ranks(least uint32) (rank []uint32, items []T) {
	count := make([]uint32, len(b.items))
	for _, id := range b.all {
		count[id]++
	}
	var order []uint32
	for id, n := range count {
		if n >= least {
			order = append(order, uint32(id))
		}
	}
	slices.SortFunc(order, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(count[y], count[x]), cmp.Compare(b.items[x], b.items[y]))
	})
	rank = slices.Repeat([]uint32{rare}, len(b.items))
	for r, id := range order {
		rank[id] = uint32(r)
		items = append(items, b.items[id])
	}
	return rank, items
}

// order makes Sets of what was found, in an order that does not depend on how.
func (s *Itemsets[T]) order() {
	s.Sets = make([]Itemset[T], len(s.ranked))
	for i, r := range s.ranked {
		s.Sets[i] = Itemset[T]{s.named(r.ranks), int(r.count)}
	}
	by := make([]int, len(s.Sets))
	for i := range by {
		by[i] = i
	}
	slices.SortFunc(by, func(i, j int) int {
		x, y := s.Sets[i], s.Sets[j]
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(len(x.Items), len(y.Items)), slices.Compare(x.Items, y.Items))
	})
	sets, ranked := make([]Itemset[T], len(by)), make([]rankedSet, len(by))
	for to, from := range by {
		sets[to], ranked[to] = s.Sets[from], s.ranked[from]
	}
	s.Sets, s.ranked = sets, ranked
}

// named returns the items of ranks, ascending.
func (s *Itemsets[T]) named(ranks []uint32) []T {
	items := make([]T, len(ranks))
	for i, r := range ranks {
		items[i] = s.items[r]
	}
	slices.Sort(items)
	return items
}

// A rankedSet is a set whose items are ranks, ascending.
type rankedSet struct {
	ranks []uint32
	count uint32
}

// key returns what tells sets apart.
func (r rankedSet) key() string {
	var b []byte
	for _, x := range r.ranks {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return string(b)
}
