package window_test

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
)

// of aggregates values, each at its index as Seq and one event time.
func of[T, A, R any](agg window.Aggregator[T, A, R], values ...T) R {
	acc := agg.New()
	stamped, _ := agg.(window.Stamped[T, A])
	for i, v := range values {
		if stamped != nil {
			acc = stamped.AddAt(acc, v, window.Position{Seq: uint64(i)})
		} else {
			acc = agg.Add(acc, v)
		}
	}
	return agg.Result(acc)
}

func TestNothing(t *testing.T) {
	assert.Zero(t, of(window.Count[int]()))
	assert.Zero(t, of(window.Sum(self[int])))
	assert.Zero(t, of(window.SumFloat(self[float64])))
	assert.True(t, math.IsNaN(of(window.Mean(self[int]))))
	m := of(window.Variance(self[int]))
	assert.True(t, math.IsNaN(m.Variance()))
	assert.True(t, math.IsNaN(m.SampleVariance()))
	assert.Equal(t, "", of(window.Min(self[string])))
	assert.Zero(t, of(window.Max(self[int])))
	assert.Zero(t, of(window.First[int]()))
	assert.Zero(t, of(window.Last[int]()))
	assert.Empty(t, of(window.Collect[int]()))
	assert.Zero(t, of(window.Distinct(self[int])))
	assert.Empty(t, of(window.Top(2, cmp.Compare[int])))
	assert.Empty(t, of(window.TopK(2, self[int], self[int])))
	assert.Zero(t, of(window.Reduce(func(a, b int) int { return a + b })))
}

func TestSumFloatCompensates(t *testing.T) {
	sum := window.SumFloat(self[float64])
	assert.Equal(t, 2.0, of(sum, 1, 1e100, 1, -1e100), "Neumaier's case, where Kahan's sum is 0")
	assert.Equal(t, math.Inf(1), of(sum, 1, math.Inf(1), 2))
	assert.True(t, math.IsNaN(of(sum, math.Inf(1), math.Inf(-1))))

	random := rand.New(rand.NewPCG(3, 4))
	values, exact := make([]float64, 100_000), new(big.Float).SetPrec(2000)
	for i := range values {
		values[i] = math.Ldexp(random.Float64(), random.IntN(60)-30)
		exact.Add(exact, big.NewFloat(values[i]))
	}
	want, _ := exact.Float64()
	assert.InEpsilon(t, want, of(sum, values...), 3e-16)
	assert.Equal(t, float32(0.5), of(window.SumFloat(self[float32]), 0.25, 0.25))
}

func TestSumWrapsAround(t *testing.T) {
	assert.Equal(t, int8(-128), of(window.Sum(self[int8]), 127, 1))
}

func TestVarianceIsTheBatchFormula(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	agg := window.Variance(self[float64])
	acc, values := agg.New(), []float64(nil)
	for range 300 {
		x := 1e6 + random.NormFloat64() // where the textbook formula fails
		acc, values = agg.Add(acc, x), append(values, x)
		mean := 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		squares := 0.0
		for _, v := range values {
			squares += (v - mean) * (v - mean)
		}
		m := agg.Result(acc)
		assert.InDelta(t, mean, m.Mean, 1e-6)
		assert.InDelta(t, squares/float64(len(values)), m.Variance(), 1e-6)
		assert.InDelta(t, math.Sqrt(squares/float64(len(values))), m.StdDev(), 1e-6)
		if len(values) > 1 {
			assert.InDelta(t, squares/float64(len(values)-1), m.SampleVariance(), 1e-6)
		} else {
			assert.True(t, math.IsNaN(m.SampleVariance()))
		}
	}
}

func TestExtremesOfNaN(t *testing.T) {
	nan := math.NaN()
	assert.True(t, math.IsNaN(of(window.Min(self[float64]), 1, nan, -1)))
	assert.Equal(t, 1.0, of(window.Max(self[float64]), nan, 1, -1))
	assert.Equal(t, -7, of(window.Max(self[int]), -9, -7), "zero is no value of its own")
}

func TestOrderIsEventTimeThenSeq(t *testing.T) {
	at := func(time window.Time, seq uint64) window.Position { return window.Position{Time: time, Seq: seq} }
	arrivals := []struct {
		value string
		at    window.Position
	}{
		{"d", at(5, 0)}, {"b", at(-3, 9)}, {"a", at(-3, 2)}, {"f", at(5, 8)}, {"e", at(5, 7)}, {"c", at(0, 1)},
	}
	first, last, all := window.First[string](), window.Last[string](), window.Collect[string]()
	f, l, a := first.New(), last.New(), all.New()
	for _, x := range arrivals {
		f = first.(window.Stamped[string, window.Placed[string]]).AddAt(f, x.value, x.at)
		l = last.(window.Stamped[string, window.Placed[string]]).AddAt(l, x.value, x.at)
		a = all.(window.Stamped[string, []window.Placed[string]]).AddAt(a, x.value, x.at)
	}
	assert.Equal(t, "a", first.Result(f))
	assert.Equal(t, "f", last.Result(l))
	assert.Equal(t, []string{"a", "b", "c", "d", "e", "f"}, all.Result(a))
}

func TestTopIsASortCutOff(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		values := make([]int64, random.IntN(30))
		for i := range values {
			values[i] = random.Int64N(60) - 30
		}
		k := 1 + random.IntN(8)

		want := slices.Clone(values)
		slices.SortStableFunc(want, func(a, b int64) int { return tens(b, a) })
		assert.Equal(t, want[:min(k, len(want))], of(window.Top(k, tens), values...))

		sums := map[int64]int64{}
		for _, v := range values {
			sums[bucket(v)] += v
		}
		ranked := []window.Ranked[int64, int64]{}
		for key, weight := range sums {
			ranked = append(ranked, window.Ranked[int64, int64]{Key: key, Weight: weight})
		}
		slices.SortFunc(ranked, func(a, b window.Ranked[int64, int64]) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Key, b.Key))
		})
		assert.Equal(t, ranked[:min(k, len(ranked))], of(window.TopK(k, bucket, self[int64]), values...))
	}
}

func TestTopPanics(t *testing.T) {
	assert.PanicsWithValue(t, "window: Top(0): not positive", func() { window.Top(0, tens) })
	assert.PanicsWithValue(t, "window: TopK(-1): not positive", func() { window.TopK(-1, bucket, self[int64]) })
}

// Of two positions one comes before the other, unless they are the same.
func TestBefore(t *testing.T) {
	at := func(t window.Time, seq uint64) window.Position { return window.Position{Time: t, Seq: seq} }
	all := []window.Position{at(-1, 9), at(0, 0), at(0, 1), at(1, 0)}
	for i, p := range all {
		for j, q := range all {
			assert.Equal(t, i < j, p.Before(q), "%v, %v", p, q)
		}
	}
}

// Values that nothing tells apart, neither compare nor their position, stay as they
// came.
func TestTopKeepsTheFirstOfEquals(t *testing.T) {
	bySquare := func(a, b int) int { return cmp.Compare(a*a, b*b) }
	for k, want := range map[int][]int{1: {2}, 2: {2, -2}, 3: {2, -2, 1}, 4: {2, -2, 1, -1}} {
		top := window.Top(k, bySquare)
		acc := top.New()
		for _, v := range []int{1, 2, -2, -1} {
			acc = top.Add(acc, v)
		}
		assert.Equal(t, want, top.Result(acc))
	}
	key := func(v int) int { return v }
	assert.PanicsWithValue(t, "window: TopK(0): not positive", func() { window.TopK(0, key, key) })
}
