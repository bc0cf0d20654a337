package basket

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// An AlsoBought counts, on a stream of baskets, which items are bought together. A basket counts half as
// much after each half-life, so that suggestions follow the season. It takes memory for MaxItems
// items with MaxPartners each, twice that at most. One goroutine at a time uses it.
//
// Old baskets fade by forward decay: a new one counts more instead, Cormode, Shkapenyuk, Srivastava and Xu,
// "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009. So Add costs one
// update for each pair, and baskets may come in any order of time.
type AlsoBought[T cmp.Ordered] struct {
	halfLife time.Duration
	items    int
	partners int
	wide     int

	landmark int64 // in Unix nanoseconds: a basket of that time has the weight 1
	newest   int64
	started  bool
	total    float64
	skipped  int64
	bought   map[T]*bought[T]
}

// bought is what is known of an item.
type bought[T cmp.Ordered] struct {
	Weight float64
	With   map[T]float64
}

// An AlsoOption sets how an AlsoBought counts.
type AlsoOption func(*alsoConfig)

type alsoConfig struct {
	halfLife              time.Duration
	items, partners, wide int
}

// HalfLife sets after what time a basket counts half. The default is 0: baskets count the same forever.
func HalfLife(d time.Duration) AlsoOption {
	if d < 0 {
		panic(fmt.Sprintf("basket: HalfLife(%v): want 0 or more", d))
	}
	return func(c *alsoConfig) { c.halfLife = d }
}

// MaxItems sets how many items are kept for certain. The default is 100,000. Once there are twice as many, the half that
// weighs least is forgotten: an item may weigh too little then, by what it had, and never too much.
func MaxItems(n int) AlsoOption {
	if n < 1 {
		panic(fmt.Sprintf("basket: MaxItems(%d): want at least 1", n))
	}
	return func(c *alsoConfig) { c.items = n }
}

// MaxPartners sets how many partners of an item are kept for certain, in the way of MaxItems. The default is 100.
func MaxPartners(n int) AlsoOption {
	if n < 1 {
		panic(fmt.Sprintf("basket: MaxPartners(%d): want at least 1", n))
	}
	return func(c *alsoConfig) { c.partners = n }
}

// MaxBasket sets how many different items a basket may have for its pairs to count. The default is 100: a
// basket of 1,000 items is a wholesaler's, and has half a million pairs. Of a wider one its items count,
// and Skipped counts it.
func MaxBasket(items int) AlsoOption {
	if items < 2 {
		panic(fmt.Sprintf("basket: MaxBasket(%d): want at least 2", items))
	}
	return func(c *alsoConfig) { c.wide = items }
}

// NewAlsoBought returns one that has seen nothing.
func NewAlsoBought[T cmp.Ordered](opts ...AlsoOption) *AlsoBought[T] {
	c := alsoConfig{items: 100_000, partners: 100, wide: 100}
	for _, o := range opts {
		o(&c)
	}
	return &AlsoBought[T]{halfLife: c.halfLife, items: c.items, partners: c.partners, wide: c.wide, bought: map[T]*bought[T]{}}
}

// Add adds a basket that was bought at a time. An item that it holds twice counts once.
func (a *AlsoBought[T]) Add(at time.Time, items ...T) {
	w := a.weigh(at.UnixNano())
	a.total += w
	set := slices.Compact(slices.Sorted(slices.Values(items)))
	wide := len(set) > a.wide
	if wide {
		a.skipped++
	}
	for i, item := range set {
		b := a.bought[item]
		if b == nil {
			b = &bought[T]{With: map[T]float64{}}
			a.bought[item] = b
		}
		b.Weight += w
		if wide {
			continue
		}
		for j, partner := range set {
			if i != j {
				b.With[partner] += w
			}
		}
		trim(b.With, a.partners, func(w float64) float64 { return w })
	}
	trim(a.bought, a.items, func(b *bought[T]) float64 { return b.Weight })
}

// weigh returns what a basket of a time counts. Where that grows too large, the landmark moves
// on, and all that was counted becomes small instead.
func (a *AlsoBought[T]) weigh(at int64) float64 {
	if a.halfLife == 0 {
		return 1
	}
	if !a.started {
		a.landmark, a.newest, a.started = at, at, true
	}
	a.newest = max(a.newest, at)
	age := (float64(at) - float64(a.landmark)) / float64(a.halfLife)
	if age > 500 {
		a.move(at)
		return 1
	}
	return math.Exp2(age)
}

// move makes at the landmark.
func (a *AlsoBought[T]) move(at int64) {
	f := math.Exp2((float64(a.landmark) - float64(at)) / float64(a.halfLife))
	a.landmark = at
	a.total *= f
	for _, b := range a.bought {
		b.Weight *= f
		for partner := range b.With {
			b.With[partner] *= f
		}
	}
}

// trim forgets what weighs least, down to keep, once there is twice as much.
func trim[T cmp.Ordered, V any](m map[T]V, keep int, weight func(V) float64) {
	if len(m) <= 2*keep {
		return
	}
	keys := slices.SortedFunc(maps.Keys(m), func(x, y T) int {
		return cmp.Or(cmp.Compare(weight(m[y]), weight(m[x])), cmp.Compare(x, y))
	})
	for _, k := range keys[keep:] {
		delete(m, k)
	}
}

// Len returns how many items are known.
func (a *AlsoBought[T]) Len() int { return len(a.bought) }

// Skipped returns how many baskets were wider than MaxBasket.
func (a *AlsoBought[T]) Skipped() int64 { return a.skipped }

// Merge adds what b has seen. The two have the same options, or Merge panics. What is trimmed is trimmed again, so that
// parts may differ from the whole where there were more items or partners than are kept.
func (a *AlsoBought[T]) Merge(b *AlsoBought[T]) {
	if a.halfLife != b.halfLife || a.items != b.items || a.partners != b.partners || a.wide != b.wide {
		panic("basket: AlsoBought.Merge: the two have different options")
	}
	f := 1.0
	switch {
	case a.halfLife == 0 || !b.started:
	case !a.started:
		a.landmark, a.newest, a.started = b.landmark, b.newest, true
	case b.landmark > a.landmark: // so that no weight grows beyond what weigh allows
		a.move(b.landmark)
	default:
		f = math.Exp2((float64(b.landmark) - float64(a.landmark)) / float64(a.halfLife))
	}
	a.newest = max(a.newest, b.newest)
	a.total += f * b.total
	a.skipped += b.skipped
	for item, of := range b.bought {
		to := a.bought[item]
		if to == nil {
			to = &bought[T]{With: map[T]float64{}}
			a.bought[item] = to
		}
		to.Weight += f * of.Weight
		for partner, w := range of.With {
			to.With[partner] += f * w
		}
		trim(to.With, a.partners, func(w float64) float64 { return w })
	}
	trim(a.bought, a.items, func(b *bought[T]) float64 { return b.Weight })
}
