package window_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

// integers hold ties, both signs and the ends of the type.
var integers = []int64{0, 1, -1, 7, 7, -13, 100, 1 << 40, math.MaxInt64, math.MinInt64}

func self[V any](v V) V { return v }
func even(v int64) bool { return v%2 == 0 }
func near(a, b float64) bool {
	return a == b || a != a && b != b || math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b))
}
func bucket(v int64) int64        { return v % 5 }
func tens(a, b int64) int         { return cmp.Compare(a/10, b/10) } // with ties
func pair[A, B any](a A, b B) any { return []any{a, b} }

func TestLaws(t *testing.T) {
	laws := func(name string, check func(testing.TB)) { t.Run(name, func(t *testing.T) { check(t) }) }
	laws("Count", lawful(window.Count[int64]()))
	laws("Sum", lawful(window.Sum(self[int64])))
	laws("Sum of a small type", lawful(window.Sum(func(v int64) int8 { return int8(v) })))
	laws("Min", lawful(window.Min(self[int64])))
	laws("Max", lawful(window.Max(self[int64])))
	laws("First", lawful(window.First[int64]()))
	laws("Last", lawful(window.Last[int64]()))
	laws("Collect", lawful(window.Collect[int64]()))
	laws("Distinct", lawful(window.Distinct(self[int64])))
	laws("Top", lawful(window.Top(3, tens)))
	laws("Top 1", lawful(window.Top(1, tens)))
	laws("TopK", lawful(window.TopK(2, bucket, self[int64])))
	laws("Reduce", lawful(window.Reduce(func(a, b int64) int64 { return a ^ b })))
	laws("MapReduce", lawful(window.MapReduce(func(v int64) uint8 { return uint8(v) }, func(a, b uint8) uint8 { return max(a, b) })))
	laws("Fold", lawful(window.Fold(func() []int64 { return nil }, func(r []int64, v int64) []int64 { return append(r, -v) })))
	laws("Multiset, Min", lawful(window.Multiset(self[int64]).Min()))
	laws("Multiset, Max", lawful(window.Multiset(self[int64]).Max()))
	laws("Multiset, Distinct", lawful(window.Multiset(bucket).Distinct()))
	laws("Multiset, Top", lawful(window.MultisetFunc(self[int64], cmp.Compare[int64]).Top(3)))
	laws("Multiset, Tallies", lawful(window.Multiset(bucket).Tallies()))
	laws("ExactMean", lawfulNear(window.ExactMean(self[int64]), near))
	laws("ExactVariance", lawful(window.ExactVariance(self[int64])))
	laws("Struct, of what takes back", lawful(fields(window.Multiset(self[int64]).Max(), window.ExactVariance(self[int64]))))
	laws("Then", lawful(window.Then(window.Sum(self[int64]), even)))
	laws("Then of Last", lawful(window.Then(window.Last[int64](), even)))
	laws("Where", lawful(window.Where(even, window.Count[int64]())))
	laws("Where of First", lawful(window.Where(even, window.First[int64]())))
	laws("Where of Distinct", lawful(window.Where(even, window.Distinct(self[int64]))))
	laws("Nullable", lawful(window.Nullable(window.Max(self[int64]))))
	laws("Nullable of a sum", lawful(window.Nullable(window.Sum(self[int64]))))
	laws("Nullable of Last", lawful(window.Nullable(window.Last[int64]())))
	laws("Nullable of Where", lawful(window.Nullable(window.Where(even, window.Where(even, window.Sum(self[int64]))))))
	laws("Nullable of Then of Where", lawful(window.Nullable(window.Then(window.Where(even, window.Last[int64]()), even))))
	laws("Where of Nullable", lawful(window.Where(even, window.Nullable(window.First[int64]()))))
	laws("Struct, exact", lawful(fields(window.Count[int64](), window.Sum(self[int64]))))
	laws("Struct, of one that is not", lawful(fields(window.Count[int64](), window.Max(self[int64]))))
	laws("Struct, of one that is stamped", lawful(fields(window.Count[int64](), window.Last[int64]())))
	laws("Struct, of maps and lists", lawful(fields(window.Distinct(self[int64]), window.Top(2, tens))))
	laws("Struct of Structs", lawful(fields(fields(window.Collect[int64](), window.TopK(2, bucket, self[int64])), window.Where(even, fields(window.Min(self[int64]), window.Count[int64]())))))
	laws("Nullable of a Struct", lawful(window.Nullable(fields(window.Count[int64](), window.Sum(self[int64])))))
	laws("Struct that was stored", lawful(stored(fields(window.Distinct(self[int64]), window.Sum(self[int64])))))
	laws("Struct that was stored, stamped", lawful(stored(fields(window.First[int64](), window.Collect[int64]()))))
	laws("Both, exact", lawful(window.Both(window.Count[int64](), window.Sum(self[int64]), pair)))
	laws("Both, of one that is stamped", lawful(window.Both(window.Count[int64](), window.Last[int64](), pair)))
	laws("Both, of another that is stamped", lawful(window.Both(window.Collect[int64](), window.Distinct(self[int64]), pair)))
	laws("Both, nested", lawful(window.Both(window.Max(self[int64]),
		window.Both(window.Top(2, tens), window.TopK(2, bucket, self[int64]), pair), pair)))
}

func lawfulNear[A, R any](agg window.Aggregator[int64, A, R], near func(a, b R) bool) func(testing.TB) {
	return func(t testing.TB) {
		t.Helper()
		windowtest.Laws(t, agg, integers, near)
	}
}

func lawful[A, R any](agg window.Aggregator[int64, A, R]) func(testing.TB) {
	return func(t testing.TB) {
		t.Helper()
		windowtest.Laws(t, agg, integers, nil)
	}
}

// floats are of magnitudes that lose digits when added plainly.
var floats = []float64{0, 1, -1, 0.1, 3e10, 2.5e-7, 7, 1e16, 1, math.Pi}

func TestLawsOfFloats(t *testing.T) {
	positive := func(v float64) float64 { return math.Abs(v) }
	windowtest.Laws(t, window.SumFloat(positive), floats, near)
	windowtest.Laws(t, window.Mean(positive), floats, near)
	windowtest.Laws(t, window.Variance(positive), floats, func(a, b window.Moments) bool {
		return a.N == b.N && near(a.Mean, b.Mean) && near(a.Squares, b.Squares)
	})
	same := func(a, b float64) bool { return cmp.Compare(a, b) == 0 }
	odd := append(slices.Clone(floats), math.NaN(), math.Inf(1), math.Inf(-1))
	windowtest.Laws(t, window.Min(self[float64]), odd, same)
	windowtest.Laws(t, window.Max(self[float64]), odd, same)
	windowtest.Laws(t, window.SumFloat(self[float64]), []float64{1, math.Inf(1), 2}, same)
	windowtest.Laws(t, window.SumFloat(self[float64]), []float64{1, math.Inf(1), math.Inf(-1), math.NaN()}, same)
}

// What an aggregator can do besides has to survive composition, or windows
// would silently become slow or disordered.
func TestAbilities(t *testing.T) {
	stamped := func(agg any) bool { _, ok := agg.(window.Stamped[int64, []window.Placed[int64]]); return ok }
	assert.True(t, stamped(window.Collect[int64]()))
	assert.True(t, stamped(window.Top(1, tens)))
	assert.True(t, stamped(window.Fold(func() int { return 0 }, func(r int, _ int64) int { return r })))
	assert.True(t, stamped(window.Where(even, window.Collect[int64]())))

	exact := func(agg any) bool { _, ok := agg.(window.Subtractor[int64]); return ok }
	assert.True(t, exact(window.Count[int64]()))
	assert.True(t, exact(window.Sum(self[int64])))
	assert.True(t, exact(window.Then(window.Sum(self[int64]), even)))
	assert.True(t, exact(window.Where(even, window.Sum(self[int64]))))
	assert.False(t, exact(window.Where(even, window.Reduce(func(a, b int64) int64 { return a + b }))))

	_, ok := window.SumFloat(self[float64]).(window.Subtractor[window.Compensated])
	assert.False(t, ok, "what rounding lost does not come back")
	_, ok = window.Both(window.Count[int64](), window.Sum(self[int64]), pair).(window.Subtractor[window.Two[int64, int64]])
	assert.True(t, ok)
	_, ok = window.Both(window.Count[int64](), window.Last[int64](), pair).(window.Stamped[int64, window.Two[int64, window.Placed[int64]]])
	assert.True(t, ok)
}
