package window_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

// same compares floats that may be NaN.
func same(t *testing.T, want, got float64, name string) {
	t.Helper()
	if math.IsNaN(want) {
		assert.True(t, math.IsNaN(got), "%s is %v, want NaN", name, got)
		return
	}
	assert.Equal(t, want, got, name)
}

// nearly holds for numbers that rounding may have set apart.
func nearly(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b))
}

func TestResultsOfFloats(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, x := range []struct {
		name                     string
		in                       []float64
		sum, mean, low, high     float64
		variance, sample, stdDev float64
	}{
		{"none", nil, 0, nan, 0, 0, nan, nan, nan},
		{"one", []float64{2.5}, 2.5, 2.5, 2.5, 2.5, 0, nan, 0},
		{"many", []float64{2, 4, 4, 4, 5, 5, 7, 9}, 40, 5, 2, 9, 4, 32.0 / 7, 2},
		{"far from zero", []float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, 4e9 + 40, 1e9 + 10, 1e9 + 4, 1e9 + 16, 22.5, 30, math.Sqrt(22.5)},
		{"cancelling", []float64{1, 1e100, 1, -1e100}, 2, 0.5, -1e100, 1e100, 5e199, 2e200 / 3, math.Sqrt(5e199)},
		{"infinite", []float64{1, inf, 2}, inf, inf, 1, inf, nan, nan, nan},
		{"infinite first", []float64{inf, 1, 2}, inf, inf, 1, inf, nan, nan, nan},
		{"minus infinite", []float64{-inf, 1}, -inf, -inf, -inf, 1, nan, nan, nan},
		{"both infinite", []float64{inf, -inf}, nan, nan, -inf, inf, nan, nan, nan},
		{"NaN", []float64{1, nan, -2}, nan, nan, nan, 1, nan, nan, nan},
		{"NaN alone", []float64{nan}, nan, nan, nan, nan, nan, nan, nan},
		{"NaN and infinite", []float64{nan, inf}, nan, nan, nan, inf, nan, nan, nan},
		{"overflow", []float64{math.MaxFloat64, math.MaxFloat64}, inf, inf, math.MaxFloat64, math.MaxFloat64, 0, 0, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			same(t, x.sum, aggregate(window.SumFloat(asIs[float64]), x.in...), "SumFloat")
			same(t, x.mean, aggregate(window.Mean(asIs[float64]), x.in...), "Mean")
			same(t, x.low, aggregate(window.Min(asIs[float64]), x.in...), "Min")
			same(t, x.high, aggregate(window.Max(asIs[float64]), x.in...), "Max")
			m := aggregate(window.Variance(asIs[float64]), x.in...)
			assert.EqualValues(t, len(x.in), m.N)
			assert.True(t, nearly(x.variance, m.Variance()), "Variance is %v", m.Variance())
			assert.True(t, nearly(x.sample, m.SampleVariance()), "SampleVariance is %v", m.SampleVariance())
			assert.True(t, nearly(x.stdDev, m.StdDev()), "StdDev is %v", m.StdDev())
		})
	}
}

// The mean of the moments says that a number was not finite in one way only,
// or it would tell in which order the numbers came.
func TestVarianceOfInfinities(t *testing.T) {
	for _, in := range [][]float64{{math.Inf(1)}, {1, math.Inf(1)}, {math.Inf(-1), 1}, {math.NaN(), 2}} {
		m := aggregate(window.Variance(asIs[float64]), in...)
		assert.True(t, math.IsNaN(m.Mean) && math.IsNaN(m.Squares), "%v: %+v", in, m)
	}
}

func TestNumbersOfOtherTypes(t *testing.T) {
	type celsius float32
	assert.Equal(t, celsius(0.75), aggregate(window.SumFloat(asIs[celsius]), 0.5, 0.25))
	assert.Equal(t, 2.5, aggregate(window.Mean(asIs[uint8]), 2, 3))
	assert.Equal(t, 0.25, aggregate(window.Variance(asIs[int8]), 2, 3).Variance())
	assert.Equal(t, uint8(44), aggregate(window.Sum(asIs[uint8]), 200, 100), "an overflow wraps around")

	// In float32 every one of these would be lost against the first.
	many := make([]float32, 1<<16+1)
	for i := range many {
		many[i] = 1
	}
	many[0] = 1 << 24
	assert.Equal(t, float32(1<<24+1<<16), aggregate(window.SumFloat(asIs[float32]), many...))
}

// exactSum adds in as many bits as it takes.
func exactSum(values []float64) float64 {
	sum := new(big.Float).SetPrec(4096)
	for _, v := range values {
		sum.Add(sum, new(big.Float).SetFloat64(v))
	}
	f, _ := sum.Float64()
	return f
}

// illConditioned returns numbers of many magnitudes that nearly cancel out.
func illConditioned(random *rand.Rand, n int) []float64 {
	values := make([]float64, 0, 2*n+1)
	for range n {
		v := math.Ldexp(random.Float64()-0.5, random.IntN(40))
		values = append(values, v, -v)
	}
	values = append(values, math.Pi)
	random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values
}

func TestSumFloatAgainstExactSums(t *testing.T) {
	assert.Equal(t, 0.6, aggregate(window.SumFloat(asIs[float64]), 0.1, 0.2, 0.3), "a plain sum is 0.6000000000000001")
	random := rand.New(rand.NewPCG(3, 4))
	plainIsWorse := 0
	for range 50 {
		values := illConditioned(random, 500)
		want := exactSum(values)
		got := aggregate(window.SumFloat(asIs[float64]), values...)
		assert.InDelta(t, want, got, 1e-15*math.Abs(want))

		naive := 0.0
		for _, v := range values {
			naive += v
		}
		if math.Abs(naive-want) > 1e-12 {
			plainIsWorse++
		}

		// And merged of parts, as shards would.
		agg := window.SumFloat(asIs[float64])
		whole := agg.New()
		for len(values) > 0 {
			n := min(len(values), 1+random.IntN(100))
			part := agg.New()
			for _, v := range values[:n] {
				part = agg.Add(part, v)
			}
			whole, values = agg.Merge(whole, part), values[n:]
		}
		assert.InDelta(t, want, agg.Result(whole), 1e-12)
	}
	assert.Greater(t, plainIsWorse, 25, "the input is not hard enough to show anything")
}

// Welford's method against two passes in exact arithmetic, far from zero,
// where the textbook's sum of squares has no digit right.
func TestVarianceAgainstExactMoments(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, far := range []float64{0, 1e6, 1e9, -1e10} {
		values := make([]float64, 1000)
		mean := new(big.Float).SetPrec(512)
		for i := range values {
			values[i] = far + random.NormFloat64()
			mean.Add(mean, big.NewFloat(values[i]))
		}
		mean.Quo(mean, big.NewFloat(float64(len(values))))
		squares := new(big.Float).SetPrec(512)
		for _, v := range values {
			d := new(big.Float).SetPrec(512).Sub(big.NewFloat(v), mean)
			squares.Add(squares, d.Mul(d, d))
		}
		want, _ := squares.Float64()
		m := aggregate(window.Variance(asIs[float64]), values...)
		assert.InEpsilon(t, want, m.Squares, 1e-6, "around %v", far)
		wantMean, _ := mean.Float64()
		assert.InDelta(t, wantMean, m.Mean, 1e-12*(1+math.Abs(far)))
	}
}

// Infinities and NaN obey the laws as well: what they come to is the same in
// any order.
func TestLawsOfInfinities(t *testing.T) {
	values := []float64{1, -2, 0.5, 1e9, math.Inf(1), math.Inf(-1), math.NaN()}
	windowtest.Laws(t, window.Mean(asIs[float64]), values, nearly)
	windowtest.Laws(t, window.Mean(asIs[float64]), []float64{1, -2, 3, math.Inf(1)}, nearly)
	windowtest.Laws(t, window.Variance(asIs[float64]), values, func(a, b window.Moments) bool {
		return a.N == b.N && nearly(a.Squares, b.Squares) && (nearly(a.Mean, b.Mean) || math.Abs(a.Mean-b.Mean) < 1e-12*math.Sqrt(a.Squares))
	})
}
