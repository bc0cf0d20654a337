package basket_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/basket"
)

// plainly returns all frequent sets by looking at all sets.
func plainly(baskets [][]int, least int) (sets []basket.Itemset[int]) {
	var items []int
	for _, b := range baskets {
		items = append(items, b...)
	}
	slices.Sort(items)
	items = slices.Compact(items)
	for mask := 1; mask < 1<<len(items); mask++ {
		var set []int
		for i, item := range items {
			if mask>>i&1 == 1 {
				set = append(set, item)
			}
		}
		if n := holding(baskets, set); n >= least {
			sets = append(sets, basket.Itemset[int]{Items: set, Count: n})
		}
	}
	return sets
}

func holding(baskets [][]int, set []int) (n int) {
	for _, b := range baskets {
		all := true
		for _, item := range set {
			all = all && slices.Contains(b, item)
		}
		if all {
			n++
		}
	}
	return n
}

// drawn makes baskets of data: each byte is an item, and 255 ends a basket.
func drawn(data []byte, items int) (baskets [][]int) {
	var b []int
	for _, x := range data {
		if x >= 200 {
			baskets, b = append(baskets, b), nil
			continue
		}
		b = append(b, int(x)%items)
	}
	return append(baskets, b)
}

func FuzzFrequent(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 8 {
		data := make([]byte, 40*n)
		for i := range data {
			data[i] = byte(random.IntN(256))
		}
		f.Add(data, uint8(n))
	}
	f.Fuzz(func(t *testing.T, data []byte, least uint8) {
		if len(data) > 400 {
			return
		}
		baskets := drawn(data, 9)
		var b basket.Baskets[int]
		for _, items := range baskets {
			b.Add(items...)
		}
		n := int(least)%6 + 1
		got, err := b.Frequent(basket.MinCount(n))
		require.NoError(t, err)
		require.Equal(t, len(baskets), got.Baskets)
		want := plainly(baskets, n)
		require.ElementsMatch(t, want, got.Sets)
		for i := 1; i < len(got.Sets); i++ {
			require.GreaterOrEqual(t, got.Sets[i-1].Count, got.Sets[i].Count)
		}
		pairs, err := b.Frequent(basket.MinCount(n), basket.MaxSize(2))
		require.NoError(t, err)
		require.Equal(t, slices.DeleteFunc(slices.Clone(got.Sets), func(s basket.Itemset[int]) bool { return len(s.Items) > 2 }), append([]basket.Itemset[int]{}, pairs.Sets...))
		checkRules(t, baskets, got)
	})
}

// checkRules compares rules with their definitions.
func checkRules(t *testing.T, baskets [][]int, sets *basket.Itemsets[int]) {
	const confidence = 0.6
	rules := sets.Rules(confidence, basket.MaxThen(99))
	want := 0
	for _, s := range sets.Sets {
		for mask := 1; mask < 1<<len(s.Items)-1; mask++ {
			var given []int
			for i, item := range s.Items {
				if mask>>i&1 == 1 {
					given = append(given, item)
				}
			}
			if float64(s.Count)/float64(holding(baskets, given)) >= confidence {
				want++
			}
		}
	}
	require.Len(t, rules, want)
	n := float64(len(baskets))
	distinct := 0
	for _, r := range rules {
		a, b := float64(holding(baskets, r.If))/n, float64(holding(baskets, r.Then))/n
		both := float64(holding(baskets, slices.Concat(r.If, r.Then))) / n
		require.InDelta(t, both, r.Support, 1e-12)
		require.InDelta(t, both/a, r.Confidence, 1e-12)
		require.InDelta(t, both/(a*b), r.Lift, 1e-9)
		require.InDelta(t, both-a*b, r.Leverage, 1e-12)
		require.InDelta(t, both/(a+b-both), r.Jaccard, 1e-12)
		require.InDelta(t, (both/a+both/b)/2, r.Kulczynski, 1e-12)
		if r.Confidence == 1 {
			require.Equal(t, math.Inf(1), r.Conviction)
		} else {
			require.InDelta(t, (1-b)/(1-both/a), r.Conviction, 1e-9)
		}
		require.False(t, math.IsNaN(r.Zhang))
		if !slices.ContainsFunc(rules, func(o basket.Rule[int]) bool {
			return slices.Equal(o.Then, r.Then) && len(o.If) < len(r.If) && subset(o.If, r.If) && o.Confidence >= r.Confidence-1e-12
		}) {
			distinct++
		}
	}
	require.Len(t, sets.Rules(confidence, basket.MaxThen(99), basket.WithoutRedundant()), distinct)
	single := slices.DeleteFunc(slices.Clone(rules), func(r basket.Rule[int]) bool { return len(r.Then) > 1 })
	require.ElementsMatch(t, single, sets.Rules(confidence))
}

func subset(a, b []int) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

func TestNothing(t *testing.T) {
	var b basket.Baskets[string]
	sets, err := b.Frequent()
	require.NoError(t, err)
	require.Empty(t, sets.Sets)
	require.Empty(t, sets.Rules(0))
	b.Add()
	b.Add("a", "a")
	sets, err = b.Frequent(basket.MinSupport(0.5))
	require.NoError(t, err)
	require.Equal(t, []basket.Itemset[string]{{Items: []string{"a"}, Count: 1}}, sets.Sets)
	require.Equal(t, 2, sets.Baskets)
	require.Empty(t, sets.Rules(0))
}

// A share that is exact as a decimal is exact here.
func TestMinSupport(t *testing.T) {
	for n := 1; n <= 100; n++ {
		var b basket.Baskets[int]
		for i := range 100 {
			if i < n {
				b.Add(1)
			} else {
				b.Add(2)
			}
		}
		sets, err := b.Frequent(basket.MinSupport(float64(n)/100), basket.MaxSets(2))
		require.NoError(t, err)
		require.Contains(t, sets.Sets, basket.Itemset[int]{Items: []int{1}, Count: n}, "%d", n)
	}
}

func TestTooMany(t *testing.T) {
	var b basket.Baskets[int]
	items := make([]int, 40)
	for i := range items {
		items[i] = i
	}
	b.Add(items...)
	_, err := b.Frequent(basket.MaxSets(1000))
	require.ErrorIs(t, err, basket.ErrTooMany)
	sets, err := b.Frequent(basket.MaxSize(2))
	require.NoError(t, err)
	require.Len(t, sets.Sets, 40+40*39/2)
}

func TestMistakes(t *testing.T) {
	for _, f := range []func(){
		func() { basket.MinSupport(0) }, func() { basket.MinSupport(1.1) }, func() { basket.MinSupport(math.NaN()) },
		func() { basket.MinCount(0) }, func() { basket.MaxSize(0) }, func() { basket.MaxSize(33) }, func() { basket.MaxSets(0) },
		func() { basket.MaxThen(0) }, func() { new(basket.Itemsets[int]).Rules(-1) }, func() { new(basket.Itemsets[int]).Rules(math.NaN()) },
		func() { basket.HalfLife(-1) }, func() { basket.MaxItems(0) }, func() { basket.MaxPartners(0) }, func() { basket.MaxBasket(1) },
	} {
		require.Panics(t, f)
	}
}
