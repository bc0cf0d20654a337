package window_test

import (
	"cmp"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
)

func asIs[T any](v T) T { return v }

func divisibleByTwo(v int) bool { return v%2 == 0 }

// at is a value and its position, for what depends on the order of events.
type at[T any] struct {
	value T
	time  window.Time
	seq   uint64
}

// aggregate is the result of values in the order given, each at the position
// that is its index.
func aggregate[T, A, R any](agg window.Aggregator[T, A, R], values ...T) R {
	placed := make([]at[T], len(values))
	for i, v := range values {
		placed[i] = at[T]{v, window.Time(i), 0}
	}
	return aggregateAt(agg, placed...)
}

func aggregateAt[T, A, R any](agg window.Aggregator[T, A, R], values ...at[T]) R {
	stamped, _ := agg.(window.Stamped[T, A])
	acc := agg.New()
	for _, v := range values {
		if stamped != nil {
			acc = stamped.AddAt(acc, v.value, window.Position{Time: v.time, Seq: v.seq})
		} else {
			acc = agg.Add(acc, v.value)
		}
	}
	return agg.Result(acc)
}

func TestResultsOfIntegers(t *testing.T) {
	or := window.Reduce(func(a, b int) int { return a | b })
	digits := window.Fold(func() int { return 0 }, func(r, v int) int { return 10*r + v })
	for _, x := range []struct {
		name                                                      string
		in                                                        []int
		count                                                     int64
		sum, low, high, first, last, reduced, folded, evens, tail int
		distinct                                                  int64
	}{
		{name: "none"},
		{name: "one", in: []int{4}, count: 1, sum: 4, low: 4, high: 4, first: 4, last: 4, reduced: 4, folded: 4, evens: 4, tail: 4, distinct: 1},
		{name: "many", in: []int{3, 1, 4, 1, 5}, count: 5, sum: 14, low: 1, high: 5, first: 3, last: 5, reduced: 7, folded: 31415, evens: 4, tail: 4, distinct: 4},
		{name: "negative", in: []int{-2, -7}, count: 2, sum: -9, low: -7, high: -2, first: -2, last: -7, reduced: -2 | -7, folded: -27, evens: -2, tail: -2, distinct: 2},
		{name: "overflow", in: []int{math.MaxInt, 1}, count: 2, sum: math.MinInt, low: 1, high: math.MaxInt, first: math.MaxInt, last: 1,
			reduced: math.MaxInt, folded: -9, evens: 0, tail: 0, distinct: 2}, // 10*MaxInt wraps to -10
	} {
		t.Run(x.name, func(t *testing.T) {
			assert.Equal(t, x.count, aggregate(window.Count[int](), x.in...), "Count")
			assert.Equal(t, x.sum, aggregate(window.Sum(asIs[int]), x.in...), "Sum")
			assert.Equal(t, x.low, aggregate(window.Min(asIs[int]), x.in...), "Min")
			assert.Equal(t, x.high, aggregate(window.Max(asIs[int]), x.in...), "Max")
			assert.Equal(t, x.first, aggregate(window.First[int](), x.in...), "First")
			assert.Equal(t, x.last, aggregate(window.Last[int](), x.in...), "Last")
			assert.Equal(t, x.reduced, aggregate(or, x.in...), "Reduce")
			assert.Equal(t, x.folded, aggregate(digits, x.in...), "Fold")
			assert.Equal(t, x.evens, aggregate(window.Where(divisibleByTwo, window.Sum(asIs[int])), x.in...), "Where of Sum")
			assert.Equal(t, x.tail, aggregate(window.Where(divisibleByTwo, window.Last[int]()), x.in...), "Where of Last")
			assert.Equal(t, x.distinct, aggregate(window.Distinct(asIs[int]), x.in...), "Distinct")
		})
	}
	assert.Equal(t, []int{}, aggregate(window.Collect[int]()), "of none it is empty, and not nil")
	assert.Equal(t, []int{}, aggregate(window.Top(2, cmp.Compare[int])))
}

// Of events it is the position that counts, not the arrival.
func TestResultsByPosition(t *testing.T) {
	late := []at[string]{{"d", 5, 0}, {"b", -1, 7}, {"c", -1, 8}, {"a", -60, 9}}
	assert.Equal(t, "a", aggregateAt(window.First[string](), late...))
	assert.Equal(t, "d", aggregateAt(window.Last[string](), late...))
	assert.Equal(t, []string{"a", "b", "c", "d"}, aggregateAt(window.Collect[string](), late...))
	joined := window.Fold(func() string { return "" }, func(r, v string) string { return r + v })
	assert.Equal(t, "abcd", aggregateAt(joined, late...))

	ties := []at[string]{{"second", 3, 2}, {"third", 3, 3}, {"first", 3, 1}}
	assert.Equal(t, "first", aggregateAt(window.First[string](), ties...))
	assert.Equal(t, "third", aggregateAt(window.Last[string](), ties...))
	equals := window.Top(2, func(a, b string) int { return 0 })
	assert.Equal(t, []string{"first", "second"}, aggregateAt(equals, ties...))
	longest := window.Top(2, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	assert.Equal(t, []string{"second", "first"}, aggregateAt(longest, ties...))

	// The extremes of time are positions as any other.
	ends := []at[string]{{"z", window.MaxTime - 1, math.MaxUint64}, {"a", window.MinTime + 1, 0}}
	assert.Equal(t, "a", aggregateAt(window.First[string](), ends...))
	assert.Equal(t, "z", aggregateAt(window.Last[string](), ends...))
}

func TestResultOfTopK(t *testing.T) {
	type sale struct {
		product string
		units   int
	}
	top := func(k int, sales ...sale) []window.Ranked[string, int] {
		return aggregate(window.TopK(k, func(s sale) string { return s.product }, func(s sale) int { return s.units }), sales...)
	}
	sales := []sale{{"tea", 1}, {"milk", 4}, {"rye", 3}, {"tea", 2}, {"oats", -1}}
	assert.Equal(t, []window.Ranked[string, int]{{Key: "milk", Weight: 4}, {Key: "rye", Weight: 3}}, top(2, sales...),
		"rye and tea weigh the same, and rye comes first in the alphabet")
	assert.Len(t, top(10, sales...), 4)
	assert.Equal(t, window.Ranked[string, int]{Key: "oats", Weight: -1}, top(10, sales...)[3])
	assert.Empty(t, top(3))
	assert.NotNil(t, top(3))
}

// An engine slides by Sub where it can, and hands positions out where they
// matter: what is composed has to keep what its parts can do.
func TestCompositionsKeepAbilities(t *testing.T) {
	sub := func(agg any) bool { _, ok := agg.(window.Subtractor[int]); return ok }
	total, last := window.Sum(asIs[int]), window.Last[int]()
	assert.True(t, sub(total))
	assert.True(t, sub(window.Then(total, divisibleByTwo)))
	assert.True(t, sub(window.Where(divisibleByTwo, total)))
	assert.True(t, sub(window.Then(window.Where(divisibleByTwo, total), divisibleByTwo)))

	fst := func(a, _ int) int { return a }
	_, both := window.Both(total, total, fst).(window.Subtractor[window.Two[int, int]])
	assert.True(t, both)
	_, both = window.Both(total, window.Max(asIs[int]), fst).(window.Subtractor[window.Two[int, window.Optional[int]]])
	assert.False(t, both, "Max cannot take back")

	stamped := func(agg any) bool { _, ok := agg.(window.Stamped[int, window.Placed[int]]); return ok }
	assert.True(t, stamped(last))
	assert.True(t, stamped(window.Then(last, divisibleByTwo)))
	assert.True(t, stamped(window.Where(divisibleByTwo, last)))
	assert.False(t, stamped(total))
	_, some := window.Both(total, last, fst).(window.Stamped[int, window.Two[int, window.Placed[int]]])
	assert.True(t, some, "one stamped part is enough")
}
