package basket

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Baskets are sets of items of type T. The zero value is empty. It takes 4 bytes for each item of
// each basket, and a map of the different items. One goroutine at a time may add; several may mine.
type Baskets[T cmp.Ordered] struct {
	ids   map[T]uint32
	items []T
	all   []uint32 // the items of all baskets, one basket behind the other
	ends  []int    // where each basket ends
}

// Add adds a basket. An item that it holds twice counts once. A basket without items counts, too: it
// supports nothing.
func (b *Baskets[T]) Add(items ...T) {
	if b.ids == nil {
		b.ids = map[T]uint32{}
	}
	start := len(b.all)
	for _, item := range items {
		id, ok := b.ids[item]
		if !ok {
			id = uint32(len(b.items))
			b.ids[item] = id
			b.items = append(b.items, item)
		}
		b.all = append(b.all, id)
	}
	basket := b.all[start:]
	slices.Sort(basket)
	b.all = b.all[:start+len(slices.Compact(basket))]
	b.ends = append(b.ends, len(b.all))
}

// Len returns how many baskets there are.
func (b *Baskets[T]) Len() int { return len(b.ends) }

// An Option sets what Frequent looks for.
type Option func(*config)

type config struct {
	support float64
	count   int
	size    int
	most    int
}

// MinSupport sets the least share of baskets that hold a set, above 0 and up to 1. The default is
// 0.01. Of 9,835 baskets 0.01 are 98.35, so that 99 are needed.
func MinSupport(share float64) Option {
	if !(share > 0 && share <= 1) {
		panic(fmt.Sprintf("basket: MinSupport(%v): want a share above 0 and up to 1", share))
	}
	return func(c *config) { c.support, c.count = share, 0 }
}

// MinCount sets the least number of baskets that hold a set, in place of MinSupport.
func MinCount(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("basket: MinCount(%d): want at least 1", n))
	}
	return func(c *config) { c.count = n }
}

// MaxSize sets the most items of a set. The default is 32, which is also the most that can be set.
func MaxSize(items int) Option {
	if items < 1 || items > 32 {
		panic(fmt.Sprintf("basket: MaxSize(%d): want 1 to 32", items))
	}
	return func(c *config) { c.size = items }
}

// MaxSets sets how many sets are found before Frequent gives up with ErrTooMany. The default is
// 1,000,000, which take some 100 MB.
func MaxSets(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("basket: MaxSets(%d): want at least 1", n))
	}
	return func(c *config) { c.most = n }
}

// least returns how many of n baskets have to hold a set.
func (c *config) least(n int) uint32 {
	if c.count > 0 {
		return uint32(min(c.count, math.MaxUint32))
	}
	// A share that was written as a decimal may be a last digit too large: 0.07 of 100 are 7.000000000000001.
	return uint32(max(1, math.Ceil(c.support*float64(n)*(1-1e-12))))
}
