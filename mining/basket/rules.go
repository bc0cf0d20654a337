package basket

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// A Rule says that baskets which hold the items If often hold the items Then, too. With P(X) for the share
// of baskets that hold all of X, A for If and B for Then, and both for A and B:
type Rule[T cmp.Ordered] struct {
	If, Then []T // ascending
	Count    int // baskets that hold both

	Support    float64 // P(both)
	Confidence float64 // P(both) / P(A): how often it is right
	Lift       float64 // Confidence / P(B): above 1, A raises the chance of B
	Leverage   float64 // P(both) - P(A)·P(B)
	Conviction float64 // (1 - P(B)) / (1 - Confidence); +Inf where Confidence is 1
	// Zhang is Leverage / max(P(both)·(1-P(A)), P(A)·(P(B)-P(both))): from -1, never together,
	// to 1, always; 0 where that is 0/0.
	Zhang      float64
	Jaccard    float64 // P(both) / P(A or B)
	Kulczynski float64 // the mean of P(both)/P(A) and P(both)/P(B)
}

// String returns "bread, butter -> milk (0.42, lift 2.1)".
func (r Rule[T]) String() string {
	return fmt.Sprintf("%s -> %s (%.3g, lift %.3g)", list(r.If), list(r.Then), r.Confidence, r.Lift)
}

func list[T any](items []T) string {
	s := fmt.Sprint(items)
	return s[1 : len(s)-1]
}

// A RuleOption sets which rules there are.
type RuleOption func(*ruleConfig)

type ruleConfig struct {
	then     int
	distinct bool
}

// MaxThen sets how many items Then may have. The default is 1.
func MaxThen(items int) RuleOption {
	if items < 1 {
		panic(fmt.Sprintf("basket: MaxThen(%d): want at least 1", items))
	}
	return func(c *ruleConfig) { c.then = items }
}

// WithoutRedundant leaves out rules that say no more than a shorter one: there is a rule with
// the same Then, and with some of the items of If, that is right as often or more often.
//
// It is how arules sees it: Bayardo, Agrawal and Gunopulos, "Constraint-Based Rule Mining in Large,
// Dense Databases", 2000, with an improvement of at least 0. Rules with an empty If are not
// among the shorter ones.
func WithoutRedundant() RuleOption { return func(c *ruleConfig) { c.distinct = true } }

// Rules returns the rules among the sets whose confidence is at least minConfidence, the greatest Lift
// first, then by Confidence, Count and items. It panics if minConfidence is not from 0 to 1. It
// takes time for each set and each part of it that is a Then; parts of a Then that are too rarely right
// are not tried with more items: Agrawal and Srikant, "Fast Algorithms for Mining Association
// Rules", VLDB 1994.
func (s *Itemsets[T]) Rules(minConfidence float64, opts ...RuleOption) []Rule[T] {
	if !(minConfidence >= 0 && minConfidence <= 1) {
		panic(fmt.Sprintf("basket: Rules(%v): want a confidence from 0 to 1", minConfidence))
	}
	c := ruleConfig{then: 1}
	for _, o := range opts {
		o(&c)
	}
	var rules []Rule[T]
	for _, set := range s.ranked {
		n := len(set.ranks)
		var thens []uint64 // as bits of the set
		for i := range n {
			thens = append(thens, 1<<i)
		}
		for size := 1; size <= min(c.then, n-1) && len(thens) > 0; size++ {
			var right []uint64
			for _, then := range thens {
				if float64(set.count)/float64(s.part(set, ^then)) < minConfidence {
					continue
				}
				right = append(right, then)
				if !c.distinct || !s.redundant(set, then) {
					rules = append(rules, s.rule(set, then))
				}
			}
			thens = thens[:0]
			for _, then := range right {
				for i := bits.Len64(then); i < n; i++ {
					thens = append(thens, then|1<<i)
				}
			}
		}
	}
	slices.SortFunc(rules, func(x, y Rule[T]) int {
		return cmp.Or(cmp.Compare(y.Lift, x.Lift), cmp.Compare(y.Confidence, x.Confidence), cmp.Compare(y.Count, x.Count),
			slices.Compare(x.If, y.If), slices.Compare(x.Then, y.Then))
	})
	return rules
}

// part returns how many baskets hold the items of a set that mask has bits of.
func (s *Itemsets[T]) part(set rankedSet, mask uint64) uint32 {
	return s.counts[pick(set, mask).key()]
}

func pick(set rankedSet, mask uint64) (part rankedSet) {
	for i, r := range set.ranks {
		if mask>>i&1 == 1 {
			part.ranks = append(part.ranks, r)
		}
	}
	return part
}

// redundant reports whether some of the items of If do as well.
func (s *Itemsets[T]) redundant(set rankedSet, then uint64) bool {
	given := (uint64(1)<<len(set.ranks) - 1) &^ then
	both, whole := uint64(set.count), uint64(s.part(set, given))
	for less := (given - 1) & given; less != 0; less = (less - 1) & given {
		if uint64(s.part(set, less|then))*whole >= both*uint64(s.part(set, less)) {
			return true
		}
	}
	return false
}

func (s *Itemsets[T]) rule(set rankedSet, then uint64) Rule[T] {
	n := float64(s.Baskets)
	a, b, both := float64(s.part(set, ^then))/n, float64(s.part(set, then))/n, float64(set.count)/n
	r := Rule[T]{
		If: s.named(pick(set, ^then).ranks), Then: s.named(pick(set, then).ranks), Count: int(set.count),
		Support: both, Confidence: both / a, Lift: both / a / b, Leverage: both - a*b,
		Conviction: math.Inf(1), Jaccard: both / (a + b - both), Kulczynski: (both/a + both/b) / 2,
	}
	if r.Confidence < 1 {
		r.Conviction = (1 - b) / (1 - r.Confidence)
	}
	if most := max(both*(1-a), a*(b-both)); most > 0 {
		r.Zhang = r.Leverage / most
	}
	return r
}
