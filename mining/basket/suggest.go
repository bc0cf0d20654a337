package basket

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Suggestion is an item that goes with a cart.
type Suggestion[T cmp.Ordered] struct {
	Item    T
	Because T       // the item of the cart that it goes with best
	Score   float64 // the sum, over the items of the cart, of the cosine: P(both) / √(P(a)·P(b))

	// Of Because and Item: how often who buys the one buys the other, and how many times as often as anybody.
	Confidence, Lift float64
}

// Suggest returns the n items that go with a cart best, none of which is in it: the greatest Score first, then the
// least item. Pairs that have come together in fewer than some baskets' weight are noise: least
// leaves out those that weigh less, where the newest basket weighs 1; with a half-life of 0, least is
// a number of baskets. It takes time for each partner of each item of the cart.
func (a *AlsoBought[T]) Suggest(n int, least float64, cart ...T) []Suggestion[T] {
	cart = slices.Compact(slices.Sorted(slices.Values(cart)))
	if a.halfLife > 0 {
		least *= math.Exp2((float64(a.newest) - float64(a.landmark)) / float64(a.halfLife))
	}
	all := map[T]*Suggestion[T]{}
	best := map[T]float64{}
	for _, item := range cart {
		of := a.bought[item]
		if of == nil {
			continue
		}
		for partner, both := range of.With {
			with := a.bought[partner]
			if _, inCart := slices.BinarySearch(cart, partner); inCart || with == nil || both < least || both == 0 {
				continue
			}
			s := all[partner]
			if s == nil {
				s = &Suggestion[T]{Item: partner}
				all[partner] = s
			}
			// By each root: weights may be so small that their product is 0.
			cosine := min(1, both/(math.Sqrt(of.Weight)*math.Sqrt(with.Weight)))
			s.Score += cosine
			if cosine > best[partner] {
				best[partner] = cosine
				s.Because, s.Confidence, s.Lift = item, both/of.Weight, both/of.Weight*(a.total/with.Weight)
			}
		}
	}
	list := make([]Suggestion[T], 0, len(all))
	for _, s := range all {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(x, y Suggestion[T]) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Item, y.Item))
	})
	return list[:min(n, len(list))]
}

// savedAlso is how an AlsoBought is saved.
type savedAlso[T cmp.Ordered] struct {
	HalfLife              int64
	Items, Partners, Wide int
	Landmark, Newest      int64
	Started               bool
	Total                 float64
	Skipped               int64
	Bought                map[T]bought[T]
}

// AppendBinary appends all that a holds.
func (a *AlsoBought[T]) AppendBinary(b []byte) ([]byte, error) {
	s := savedAlso[T]{
		HalfLife: int64(a.halfLife), Items: a.items, Partners: a.partners, Wide: a.wide,
		Landmark: a.landmark, Newest: a.newest, Started: a.started, Total: a.total, Skipped: a.skipped, Bought: map[T]bought[T]{},
	}
	for item, of := range a.bought {
		s.Bought[item] = *of
	}
	return saved.As[savedAlso[T]]("basket.AlsoBought", 1).Append(b, &s)
}

// UnmarshalBinary replaces what a holds by what AppendBinary has appended.
func (a *AlsoBought[T]) UnmarshalBinary(data []byte) error {
	var s savedAlso[T]
	if err := saved.As[savedAlso[T]]("basket.AlsoBought", 1).Read(data, &s, nil); err != nil {
		return err
	}
	*a = *NewAlsoBought[T]()
	a.halfLife, a.items, a.partners, a.wide = time.Duration(s.HalfLife), s.Items, s.Partners, s.Wide
	a.landmark, a.newest, a.started, a.total, a.skipped = s.Landmark, s.Newest, s.Started, s.Total, s.Skipped
	for item, of := range s.Bought {
		if of.With == nil {
			of.With = map[T]float64{}
		}
		a.bought[item] = &of
	}
	return nil
}
