package sketch_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/sketch"
	"github.com/freshet-go/freshet/window"
)

// TestDistinctError: the relative error has the standard deviation that is stated, and 95 % of the intervals hold the truth.
func TestDistinctError(t *testing.T) {
	seeds := 400
	if underRace {
		seeds = 60 // it takes 20 times as long
	}
	for _, n := range []int{100, 3000, 50_000} {
		for _, x := range []struct {
			name  string
			count func(seed uint64) sketch.Estimate
			sd    float64
		}{
			{"HLL", func(seed uint64) sketch.Estimate {
				h := sketch.NewHLL(sketch.Precision(10))
				for i := range n {
					h.Add(sketch.Hash(uint64(i) + seed<<32))
				}
				return h.Estimate()
			}, 1.04 / 32},
			{"Theta", func(seed uint64) sketch.Estimate {
				h := sketch.NewTheta(sketch.Nominal(1024))
				for i := range n {
					h.Add(sketch.Hash(uint64(i) + seed<<32))
				}
				return h.Estimate()
			}, 1 / math.Sqrt(1022)},
		} {
			squares, bias, within := 0.0, 0.0, 0
			for s := range uint64(seeds) {
				e := x.count(s)
				d := (e.Value - float64(n)) / float64(n)
				squares += d * d / float64(seeds)
				bias += d / float64(seeds)
				if e.Low <= float64(n) && float64(n) <= e.High {
					within++
				}
			}
			t.Logf("%s of %d: standard error %.4f, stated %.4f; bias %+.4f; %.1f %% of the intervals hold the truth", x.name, n, math.Sqrt(squares), x.sd, bias, float64(within)/float64(seeds)*100)
			// Four standard deviations of what is measured: of a standard deviation, of a mean, of a share.
			of := 4 / math.Sqrt(float64(seeds))
			assert.Less(t, math.Sqrt(squares), (1+of/math.Sqrt2)*x.sd)
			assert.Less(t, math.Abs(bias), of*x.sd)
			assert.GreaterOrEqual(t, float64(within)/float64(seeds), 0.95-of*0.22)
		}
	}
}

// TestSetError: unions, intersections, differences and Jaccard of sets that overlap.
func TestSetError(t *testing.T) {
	seeds := 200
	if underRace {
		seeds = 30
	}
	within := map[string]int{}
	for s := range uint64(seeds) {
		a, b := sketch.NewTheta(), sketch.NewTheta()
		for i := range 30_000 {
			if i < 20_000 {
				a.Add(sketch.Hash(uint64(i) + s<<32))
			}
			if i >= 15_000 {
				b.Add(sketch.Hash(uint64(i) + s<<32))
			}
		}
		for name, x := range map[string]struct {
			sketch.Estimate
			want float64
		}{
			"union":        {a.Union(b).Estimate(), 30_000},
			"intersection": {a.Intersection(b).Estimate(), 5_000},
			"difference":   {a.Difference(b).Estimate(), 15_000},
			"jaccard":      {a.Jaccard(b), 1.0 / 6},
		} {
			if x.Low <= x.want && x.want <= x.High {
				within[name]++
			}
			assert.InEpsilon(t, x.want, x.Value, 0.25, name)
		}
		require.Equal(t, a.Intersection(b).Estimate(), b.Intersection(a).Estimate())
	}
	for name, n := range within {
		t.Logf("%s: %.1f %% of the intervals hold the truth", name, float64(n)/float64(seeds)*100)
		assert.GreaterOrEqual(t, float64(n)/float64(seeds), 0.95-4*0.22/math.Sqrt(float64(seeds)), name)
	}
	none := sketch.NewTheta()
	assert.Zero(t, none.Jaccard(sketch.NewTheta()))
	assert.Zero(t, none.Estimate())
	none.Add(5)
	assert.Equal(t, sketch.Estimate{Value: 1, Low: 1, High: 1}, none.Jaccard(none))
}

// zipf draws keys of which few are frequent.
func zipf(seed uint64, n int) []uint64 {
	z := rand.NewZipf(rand.New(rand.NewPCG(seed, 0)), 1.1, 1, 100_000)
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = z.Uint64()
	}
	return keys
}

// TestCountMinError: never low, and high by more than e/w of all in no more than e^-d of the questions.
func TestCountMinError(t *testing.T) {
	asked, high := 0, 0
	for s := range uint64(20) {
		c, true_ := sketch.NewCountMin(sketch.Width(256), sketch.Depth(3)), map[uint64]uint64{}
		for _, k := range zipf(s, 30_000) {
			c.Add(sketch.Hash(k), 1)
			true_[k]++
		}
		for k := range uint64(5000) {
			got := c.Count(sketch.Hash(k))
			require.GreaterOrEqual(t, got, true_[k])
			asked++
			if got > true_[k]+c.Error() {
				high++
			}
		}
	}
	t.Logf("%.3f %% of %d questions were answered by more than the bound too high, stated %.1f %%", 100*float64(high)/float64(asked), asked, 100*math.Exp(-3))
	assert.LessOrEqual(t, float64(high)/float64(asked), math.Exp(-3))
}

// TestFrequentError: counts are within their bounds, and what is frequent enough is there, whatever was merged.
func TestFrequentError(t *testing.T) {
	streams := uint64(30)
	if underRace {
		streams = 3
	}
	for s := range streams {
		keys := zipf(s, 50_000)
		true_ := map[uint64]uint64{}
		for _, k := range keys {
			true_[k]++
		}
		for _, shards := range []int{1, 5} {
			f := deal(sketch.TopK(same[uint64], 10, sketch.Counters(128)), keys, shards, s)
			require.Equal(t, uint64(len(keys)), f.Total())
			require.LessOrEqual(t, f.Error(), 2*f.Total()/128)
			listed := map[uint64]bool{}
			for _, c := range f.Top(128) {
				require.LessOrEqual(t, c.Low, true_[c.Key])
				require.GreaterOrEqual(t, c.High, true_[c.Key])
				listed[c.Key] = true
			}
			for k, n := range true_ {
				low, high := f.Count(k)
				require.True(t, low <= n && n <= high)
				if n > f.Error() {
					require.True(t, listed[k])
				}
			}
		}
	}
}

// TestBloomError: none that was there is denied, and the share of the others that are not is the one that was chosen.
func TestBloomError(t *testing.T) {
	for _, share := range []float64{0.1, 0.01, 0.001} {
		wrong, asked := 0, 0
		for s := range uint64(5) {
			b := sketch.NewBloom(10_000, share)
			for i := range uint64(10_000) {
				b.Add(sketch.Hash(i + s<<40))
			}
			for i := range uint64(10_000) {
				require.True(t, b.Has(sketch.Hash(i+s<<40)))
			}
			for i := range uint64(100_000) {
				asked++
				if b.Has(sketch.Hash(i + s<<40 + 1<<39)) {
					wrong++
				}
			}
			assert.InEpsilon(t, share, b.Wrong(), 0.2)
		}
		t.Logf("wrong in %.5f of the questions, chosen %v", float64(wrong)/float64(asked), share)
		assert.InEpsilon(t, share, float64(wrong)/float64(asked), 0.25)
	}
}

// TestValuesError: every quantile is within 1 %, whatever the distribution.
func TestValuesError(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for name, draw := range map[string]func() float64{
		"normal":    func() float64 { return r.NormFloat64() },
		"lognormal": func() float64 { return math.Exp(5 * r.NormFloat64()) },
		"ties":      func() float64 { return float64(r.IntN(20) - 10) },
		"Pareto":    func() float64 { return math.Pow(r.Float64(), -2) },
	} {
		v, all := sketch.NewValues(), make([]float64, 20_000)
		for i := range all {
			all[i] = draw()
			v.Add(all[i])
		}
		slices.Sort(all)
		for q := 0.0; q <= 1; q += 0.001 {
			want := all[int(q*float64(len(all)-1))]
			require.LessOrEqual(t, math.Abs(v.Quantile(q)-want), 0.0100001*math.Abs(want), "%s, %v", name, q)
		}
		assert.Equal(t, int64(len(all)), v.N())
	}
	assert.True(t, math.IsNaN(sketch.NewValues().Quantile(0.5)))
}

// TestKLLError: the rank is off by more than the bound in about 1 % of the questions.
func TestKLLError(t *testing.T) {
	const n = 30_000
	seeds := 60
	if underRace {
		seeds = 5
	}
	asked, off, sum := 0, 0, 0.0
	for _, shards := range []int{1, 6} {
		for s := range uint64(seeds) {
			r, all := rand.New(rand.NewPCG(s, 0)), make([]float64, n)
			for i := range all {
				all[i] = r.NormFloat64()
			}
			k := deal(sketch.Ranks(same[float64], nil, sketch.Seed(uint64(s))), all, shards, s)
			slices.Sort(all)
			for q := 0.05; q < 1; q += 0.05 {
				x := k.Quantile(q)
				rank := float64(sort.SearchFloat64s(all, x)) / n
				asked++
				sum += (rank - q) * (rank - q)
				if math.Abs(rank-q) > k.Error() || math.Abs(k.Rank(x)-q) > k.Error() {
					off++
				}
			}
			require.Equal(t, all[0], k.Quantile(0))
			require.Equal(t, all[n-1], k.Quantile(1))
		}
	}
	t.Logf("rank off by more than %.4f in %.2f %% of %d questions; root mean square %.4f", sketch.NewKLL().Error(), 100*float64(off)/float64(asked), asked, math.Sqrt(sum/float64(asked)))
	assert.LessOrEqual(t, float64(off)/float64(asked), 0.02)
}

// TestReservoir: each value is in the sample as often as it should be.
func TestReservoir(t *testing.T) {
	const n, k, seeds = 20, 5, 20_000
	uniform, merged := make([]float64, n), make([]float64, n)
	first := make([]float64, n)
	for s := range uint64(seeds) {
		r, a, b, w := sketch.NewReservoir[int](k, sketch.Seed(s)), sketch.NewReservoir[int](k, sketch.Seed(2*s)), sketch.NewReservoir[int](k, sketch.Seed(2*s+1)), sketch.NewReservoir[int](1, sketch.Seed(s))
		for i := range n {
			r.Add(i)
			w.AddWeighted(i, float64(i))
			if i < 7 {
				a.Add(i)
			} else {
				b.Add(i)
			}
		}
		a.Merge(b)
		for _, v := range r.Values() {
			uniform[v]++
		}
		for _, v := range a.Values() {
			merged[v]++
		}
		first[w.Values()[0]]++
	}
	chi := func(got []float64, want func(i int) float64) (c float64) {
		for i, g := range got {
			if w := want(i); w > 0 {
				c += (g - w) * (g - w) / w
			} else {
				assert.Zero(t, g)
			}
		}
		return c
	}
	// 19 degrees of freedom: 43.8 is exceeded once in a thousand.
	assert.Less(t, chi(uniform, func(int) float64 { return seeds * k / n }), 43.8)
	assert.Less(t, chi(merged, func(int) float64 { return seeds * k / n }), 43.8)
	assert.Less(t, chi(first, func(i int) float64 { return seeds * float64(i) / 190 }), 43.8)
}

// TestSampleOfAWindow: by position, uniform, by weight and by recency.
func TestSampleOfAWindow(t *testing.T) {
	const n, seeds = 20, 20_000
	uniform, recent := make([]float64, n), make([]float64, n)
	for s := range uint64(seeds) {
		u, r := sketch.Sample[int](1, sketch.Seed(s)), sketch.SampleRecent[int](2*time.Second, 1, sketch.Seed(s))
		a, b := u.New(), r.New()
		for i := range n {
			at := window.Position{Time: window.Time(time.Duration(i) * time.Second), Seq: uint64(i)}
			a = u.(window.Stamped[int, *sketch.Reservoir[int]]).AddAt(a, i, at)
			b = r.(window.Stamped[int, *sketch.Reservoir[int]]).AddAt(b, i, at)
		}
		uniform[u.Result(a)[0]]++
		recent[r.Result(b)[0]]++
	}
	sum := 0.0
	for i := range n {
		sum += math.Exp2(float64(i) / 2)
	}
	for i := range n {
		assert.InDelta(t, seeds/n, uniform[i], 5*math.Sqrt(seeds/n))
		want := seeds * math.Exp2(float64(i)/2) / sum
		assert.InDelta(t, want, recent[i], 5*math.Sqrt(want)+1)
	}
}
