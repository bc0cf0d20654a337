package stats_test

import (
	"encoding"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

func self(v float64) float64 { return v }

var strange = []float64{0, 1, -1, 3.5, 3.5, 1e9 + 0.25, 1e9 + 0.5, -7e8, math.NaN(), math.Inf(1), 1e-3}

func near(pairs ...float64) bool {
	for i := 0; i < len(pairs); i += 2 {
		if off(pairs[i], pairs[i+1]) > 1e-9 {
			return false
		}
	}
	return true
}

func TestLaws(t *testing.T) {
	windowtest.Laws(t, stats.Describe(self), strange, func(a, b stats.Summary) bool {
		x, y := a.Describe(), b.Describe()
		return x.Count == y.Count && a.Missing() == b.Missing() &&
			near(x.Min, y.Min, x.Max, y.Max, x.Mean, y.Mean, x.Variance, y.Variance, x.Skewness, y.Skewness, x.Kurtosis, y.Kurtosis, a.Sum(), b.Sum())
	})
	windowtest.Laws(t, stats.Relate(self, func(v float64) float64 { return v*v - 2 }), strange, func(a, b stats.Joint) bool {
		ax, ay, bx, by := a.X(), a.Y(), b.X(), b.Y()
		return a.Count() == b.Count() && a.Missing() == b.Missing() &&
			near(ax.Mean(), bx.Mean(), ay.Variance(), by.Variance(), a.Covariance(), b.Covariance(), a.Correlation(), b.Correlation())
	})
	windowtest.Laws(t, stats.FadedBy(3*time.Nanosecond, self), strange, func(a, b stats.Faded) bool {
		return a.Count() == b.Count() && near(a.Mean(), b.Mean(), a.Variance(), b.Variance(), a.Weight(), b.Weight(), a.SampleVariance(), b.SampleVariance())
	})
	windowtest.Laws(t, stats.Binned(self, -5, 0, 1, 3.5, 1e9), strange, nil)
	windowtest.Laws(t, stats.Variety(func(v float64) int { return int(min(v, 3)) }), []float64{0, 1, 2, 2, 5, 9}, nil)
}

// TestSavedGoesOn holds that what was restored goes on bit for bit, and that damaged bytes change nothing.
func TestSavedGoesOn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	at := window.Time(0)
	cases := map[string]func() (build func() saver, add func(saver, window.Time, float64)){
		"Summary": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return new(stats.Summary) }, func(s saver, _ window.Time, v float64) { s.(*stats.Summary).Add(v) }
		},
		"Joint": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return new(stats.Joint) }, func(s saver, _ window.Time, v float64) { s.(*stats.Joint).Add(v, v*v) }
		},
		"Faded": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return stats.NewFaded(time.Second) }, func(s saver, at window.Time, v float64) { s.(*stats.Faded).Add(at, v) }
		},
		"Faded by count": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return stats.NewFadedCount(3) }, func(s saver, at window.Time, v float64) { s.(*stats.Faded).Add(at, v) }
		},
		"Rolling": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return stats.NewRollingTime(time.Minute, 40, stats.Ordered()) }, func(s saver, at window.Time, v float64) { s.(*stats.Rolling).Add(at, v) }
		},
		"Histogram": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return stats.NewHistogram(-1, 0, 1) }, func(s saver, _ window.Time, v float64) { s.(*stats.Histogram).Add(v) }
		},
		"FadedEntropy": func() (func() saver, func(saver, window.Time, float64)) {
			return func() saver { return stats.NewFadedEntropy(5, 7) }, func(s saver, _ window.Time, v float64) { s.(*stats.FadedEntropy).Add(int(math.Abs(v)) % 5) }
		},
	}
	for name, of := range cases {
		t.Run(name, func(t *testing.T) {
			build, add := of()
			whole, first := build(), build()
			for i := range 300 {
				v := random.NormFloat64() * 3
				at += window.Time(random.Int64N(5e9))
				add(whole, at, v)
				add(first, at, v)
				if i%50 == 49 || i == 0 {
					b, err := first.AppendBinary([]byte("x"))
					require.NoError(t, err)
					next := build()
					require.NoError(t, next.UnmarshalBinary(b[1:]))
					for k := range b[1:] {
						d := slices.Clone(b[1:])
						d[k] ^= 4
						require.Error(t, next.UnmarshalBinary(d))
					}
					require.Error(t, next.UnmarshalBinary(nil))
					first = next
				}
			}
			a, _ := whole.AppendBinary(nil)
			b, _ := first.AppendBinary(nil)
			assert.Equal(t, a, b)
			assert.Error(t, build().UnmarshalBinary([]byte("stats.Other\x00")))
		})
	}
}

// TestStored holds that accumulators can be stored by codec.Binary, as checkpoints do.
func TestStored(t *testing.T) {
	type all struct {
		Summary   stats.Summary
		Joint     stats.Joint
		Faded     stats.Faded
		Histogram *stats.Histogram
	}
	h := stats.NewHistogram(0, 1, 2)
	h.Add(1)
	v := all{Summary: stats.Of(1, 2, 4), Faded: *stats.NewFaded(time.Second), Histogram: h}
	v.Joint.Add(1, 2)
	v.Faded.Add(5, 5)
	c := codec.Binary[all]()
	b, err := c.NewEncoder().Append(nil, v)
	require.NoError(t, err)
	d := c.NewDecoder()
	_, record, err := d.Split(b, true)
	require.NoError(t, err)
	var back all
	require.NoError(t, d.Decode(record, &back))
	assert.Equal(t, v, back)
}

type saver interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// TestNothing holds the answers of nothing, one, and equal numbers.
func TestNothing(t *testing.T) {
	var s stats.Summary
	for _, v := range []float64{s.Mean(), s.Min(), s.Max(), s.Variance(), s.SampleVariance(), s.StdErr(), s.Skewness(), s.Kurtosis(), s.SampleSkewness(), s.SampleKurtosis()} {
		assert.True(t, math.IsNaN(v))
	}
	assert.Zero(t, s.Sum())
	assert.Zero(t, s.Effective())
	s.Add(4)
	assert.Equal(t, []float64{4, 4, 4, 0}, []float64{s.Mean(), s.Min(), s.Max(), s.Variance()})
	assert.True(t, math.IsNaN(s.SampleVariance()))
	s.Add(4)
	assert.Zero(t, s.SampleVariance())
	assert.True(t, math.IsNaN(s.Skewness()))
	s.AddWeighted(9, 0)
	s.AddWeighted(math.NaN(), 1)
	assert.Equal(t, [2]int64{2, 1}, [2]int64{s.Count(), s.Missing()})
	assert.Panics(t, func() { s.AddWeighted(1, -1) })
	assert.Panics(t, func() { s.AddWeighted(1, math.NaN()) })

	var j stats.Joint
	slope, _ := j.Line()
	assert.True(t, math.IsNaN(slope) && math.IsNaN(j.Covariance()) && math.IsNaN(j.Correlation()) && math.IsNaN(j.SampleCovariance()))
	f := stats.NewFaded(time.Second)
	assert.True(t, math.IsNaN(f.Mean()) && math.IsNaN(f.Variance()) && math.IsNaN(f.SampleVariance()))
	r := stats.NewRolling(3)
	assert.True(t, math.IsNaN(r.Mean()) && math.IsNaN(r.Median()) && math.IsNaN(r.Min()))
	assert.True(t, math.IsNaN(stats.Median(nil)) && math.IsNaN(stats.MAD([]float64{math.NaN()})))
	assert.True(t, math.IsNaN(stats.NewHistogram(0, 1).Quantile(0.5)))
	assert.True(t, math.IsNaN(stats.Kendall(nil, nil)) && math.IsNaN(stats.Spearman([]float64{1, 1}, []float64{1, 2})))
	assert.Zero(t, stats.Entropy(nil))
	assert.Zero(t, stats.NewFadedEntropy(2, 1).Entropy())
	assert.Equal(t, math.Inf(1), stats.Divergence([]float64{1, 1}, []float64{1, 0}))
	assert.Equal(t, math.Inf(1), stats.Quantile([]float64{1, math.Inf(1)}, 0.7, stats.Linear))
	f.Add(0, 1e300)
	f.Add(window.MaxTime-1, -1e300) // of the older one nothing is left
	assert.Equal(t, []float64{-1e300, 0, 1}, []float64{f.Mean(), f.Variance(), f.Weight()})
	f.Add(window.MinTime+1, 5)
	assert.Equal(t, []float64{-1e300, 0, 1}, []float64{f.Mean(), f.Variance(), f.Weight()})
	for name, f := range map[string]func(){
		"NewFaded": func() { stats.NewFaded(0) }, "NewFadedCount": func() { stats.NewFadedCount(math.NaN()) },
		"NewRolling": func() { stats.NewRolling(0) }, "NewRollingTime": func() { stats.NewRollingTime(0, 1) },
		"NewHistogram": func() { stats.NewHistogram(1, 1) }, "Even": func() { stats.Even(1, 0, 3) }, "Growing": func() { stats.Growing(0, 1, 3) },
		"Quantile": func() { stats.Quantile(nil, 2, stats.Linear) }, "Pearson": func() { stats.Pearson(nil, []float64{1}) },
		"HalfLife": func() { stats.HalfLife(1) }, "Faded.Merge": func() { f.Merge(stats.NewFaded(2)) }, "Describe": func() { stats.Describe[int, int](nil) },
		"Histogram.Merge": func() { stats.NewHistogram(0, 1).Merge(stats.NewHistogram(0, 2)) }, "Entropy": func() { stats.Entropy([]float64{-1}) },
	} {
		assert.Panics(t, f, name)
	}
}

// TestHuge holds that a mean is known where the distance of two values is no float64, and that the
// order does not matter.
func TestHuge(t *testing.T) {
	for _, vs := range [][]float64{{1.5e308, -1.5e308, 1}, {1, -1.5e308, 1.5e308, 2}, {1.7e308, -1.7e308}} {
		s := stats.Of(vs...)
		assert.InDelta(t, 0, s.Mean()/1e308, 1e-9)
		assert.Equal(t, math.Inf(1), s.Variance())
		assert.True(t, math.IsNaN(s.Skewness()) && math.IsNaN(s.Kurtosis()))
		a, b := stats.Of(vs[:1]...), stats.Of(vs[1:]...)
		a.Merge(b)
		assert.InDelta(t, 0, a.Mean()/1e308, 1e-9)
		var j stats.Joint
		f := stats.NewFadedCount(3)
		for _, v := range vs {
			j.Add(v, 1-v)
			f.Add(0, v)
		}
		x := j.X()
		assert.InDelta(t, 0, x.Mean()/1e308, 1e-9)
		assert.True(t, math.IsNaN(j.Correlation()))
		assert.False(t, math.IsNaN(f.Mean()) || math.IsNaN(f.Variance()))
	}
}

// TestOffset holds the variance of 1e15+{0, 1, 2} in thousands of parts, which a mean of one float64 loses.
func TestOffset(t *testing.T) {
	var whole stats.Summary
	for range 1000 {
		whole.Merge(stats.Of(1e15, 1e15+1, 1e15+2))
	}
	assert.InEpsilon(t, 2./3, whole.Variance(), 1e-12)
	assert.Equal(t, 1e15+1, whole.Mean())
	assert.InDelta(t, 0, whole.Skewness(), 1e-9)
	assert.InEpsilon(t, -1.5, whole.Kurtosis(), 1e-9)
}

// TestNoAllocation holds what package stats promises of accumulators that are warm.
func TestNoAllocation(t *testing.T) {
	if underRace {
		t.Log("not measured under the race detector, which allocates")
		return
	}
	var s stats.Summary
	var j stats.Joint
	f := stats.NewFaded(time.Second)
	h := stats.NewHistogram(stats.Even(-3, 3, 60)...)
	e := stats.NewFadedEntropy(8, 100)
	r := stats.NewRolling(1000, stats.Ordered())
	random := rand.New(rand.NewPCG(1, 2))
	at := window.Time(0)
	add := func() {
		v := random.NormFloat64()
		at += 1000
		s.Add(v)
		j.Add(v, v*v)
		f.Add(at, v)
		h.Add(v)
		e.Add(int(at/1000) % 8)
		r.Add(at, v)
		_ = r.Median() + r.Mean()
	}
	for range 100_000 {
		add()
	}
	assert.Zero(t, testing.AllocsPerRun(10_000, add))
}
