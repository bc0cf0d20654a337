package experiment_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/experiment"
	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window/windowtest"
)

var alternatives = []experiment.Alternative{experiment.TwoSided, experiment.Less, experiment.Greater}

// TestTooLittle holds that what says nothing has P = 1, and an interval of everything.
func TestTooLittle(t *testing.T) {
	none, one, two := stats.Summary{}, stats.Of(3), stats.Of(3, 5)
	var noRate experiment.Rate
	all := experiment.Rate{Successes: 5, Trials: 5}
	nan := math.NaN()
	for _, alt := range alternatives {
		for name, got := range map[string]experiment.Test{
			"Welch": experiment.Welch(none, two, alt).Test, "Welch of one": experiment.Welch(two, one, alt).Test,
			"Student": experiment.Student(one, one, alt).Test, "Student of none": experiment.Student(none, two, alt).Test,
			"OneSample": experiment.OneSample(one, 0, alt).Test, "Paired": experiment.Paired([]float64{nan, 1}, []float64{1, 1}, alt).Test,
			"Proportions": experiment.Proportions(noRate, all, alt), "Proportions of all": experiment.Proportions(all, all, alt),
			"MannWhitney": experiment.MannWhitney(nil, []float64{1}, alt), "MannWhitney of NaN": experiment.MannWhitney([]float64{nan}, []float64{1}, alt),
			"Wilcoxon": experiment.Wilcoxon([]float64{1, 2}, []float64{1, 2}, alt), "Wilcoxon of none": experiment.Wilcoxon(nil, nil, alt),
			"KolmogorovSmirnov": experiment.KolmogorovSmirnov(nil, []float64{1}, alt), "KolmogorovSmirnovAsymptotic": experiment.KolmogorovSmirnovAsymptotic(nil, nil, alt),
			"ChiSquare": experiment.ChiSquare(nil, true), "ChiSquare of a row": experiment.ChiSquare([][]float64{{1, 2}, {0, 0}}, false),
			"SampleRatio": experiment.SampleRatio([]int64{0, 0}), "McNemar": experiment.McNemar(0, 0), "Correlation": experiment.Correlation(1, 2, alt), "Correlation of NaN": experiment.Correlation(nan, 9, alt),
			"McNemarChiSquare": experiment.McNemarChiSquare(0, 0, true),
		} {
			assert.Equal(t, experiment.Test{P: 1}, got, name)
		}
	}
	m := experiment.Welch(none, two, experiment.TwoSided)
	assert.Equal(t, experiment.Interval{Low: math.Inf(-1), High: math.Inf(1)}, m.Interval(0.95))
	assert.Equal(t, experiment.Interval{Low: 0, High: 1}, noRate.Wilson(0.95))
	assert.Equal(t, experiment.Interval{Low: 0, High: 1}, noRate.ClopperPearson(0.95))
	assert.Equal(t, experiment.Interval{Low: -1, High: 1}, experiment.Newcombe(noRate, all, 0.95))
	assert.Equal(t, 1., all.Wilson(0.9).High)
	assert.Zero(t, experiment.Rate{Trials: 9}.Wilson(0.9).Low)
	assert.True(t, math.IsNaN(noRate.Value()))
	zero := noRate.Summary()
	assert.Zero(t, zero.Count())
	assert.Equal(t, 1., experiment.Fisher(noRate, all, experiment.TwoSided).P)
	assert.Equal(t, 1., experiment.MannWhitney([]float64{2, 2}, []float64{2, 2, 2}, experiment.TwoSided).P)
	assert.Equal(t, 1., experiment.Binomial(noRate, 0.5, experiment.TwoSided).P)
	assert.Empty(t, experiment.Holm())
}

// TestNoVariance holds the answers where numbers do not vary at all.
func TestNoVariance(t *testing.T) {
	three, five := stats.Of(3, 3, 3), stats.Of(5, 5)
	assert.Equal(t, 1., experiment.Welch(three, three, experiment.TwoSided).P)
	m := experiment.Welch(three, five, experiment.TwoSided)
	assert.Equal(t, 0., m.P)
	assert.Equal(t, math.Inf(-1), m.Statistic)
	assert.Equal(t, experiment.Interval{Low: -2, High: -2}, m.Interval(0.9))
	assert.Equal(t, 1., experiment.Student(three, five, experiment.Greater).P)
	assert.Equal(t, 0., experiment.Student(three, five, experiment.Less).P)

	huge := stats.Of(1.5e308, -1.5e308, 1)
	assert.Equal(t, 1., experiment.Welch(huge, three, experiment.TwoSided).P)
	assert.Equal(t, 1., experiment.OneSample(three, math.NaN(), experiment.TwoSided).P)

	assert.Equal(t, 0., experiment.Correlation(1, 5, experiment.TwoSided).P)
	assert.Equal(t, 1., experiment.Correlation(-1, 5, experiment.Greater).P)

	b := experiment.Bootstrap([]float64{2, 2, 2}, stats.Median, experiment.Draws(50))
	assert.Equal(t, experiment.Interval{Low: 2, High: 2}, b.BCa(0.9))
	// 0.1 + 0.2 + 0.3 depends on the order: the bias does not.
	sum := func(vs []float64) (sum float64) {
		for _, v := range vs {
			sum += v
		}
		return sum
	}
	b = experiment.Bootstrap([]float64{0.1, 0.2, 0.3}, sum, experiment.Draws(5000))
	c3 := experiment.Bootstrap([]float64{0.3, 0.2, 0.1}, sum, experiment.Draws(5000), experiment.Seed(2))
	assert.InDelta(t, b.BCa(0.6).Low, c3.BCa(0.6).Low, 1e-9)
	b = experiment.Bootstrap(nil, stats.Median)
	assert.True(t, math.IsNaN(b.Estimate) && math.IsNaN(b.BCa(0.9).Low) && math.IsNaN(b.Percentile(0.9).High) && math.IsNaN(b.StdErr()))

	var j stats.Joint
	for _, v := range []float64{1, 2, 4} {
		j.Add(7, v)
	}
	c, reduction := experiment.Cuped(j, j, experiment.TwoSided)
	assert.Equal(t, 1., c.P)
	assert.Zero(t, reduction)
	s := experiment.NewSequential(1, experiment.Burn(0))
	for range 10 {
		s.Add(0, 2)
		s.Add(1, 2)
	}
	assert.Equal(t, 1., s.P())
	assert.Equal(t, math.Inf(1), s.Interval(0.9).High)
}

// TestSequentialOfConstants: arms that do not vary and differ are told apart, but not by a few values, and not in
// another way where the unit is another.
func TestSequentialOfConstants(t *testing.T) {
	s, cents := experiment.NewSequential(0.1), experiment.NewSequential(10)
	for i := range 1000 {
		s.Add(0, 0)
		s.Add(1, 1)
		cents.Add(0, 0)
		cents.Add(1, 100)
		assert.Equal(t, i >= 99, s.Decided(0.05), "%d of each", i+1)
		assert.InDelta(t, s.P(), cents.P(), 1e-9*s.P())
	}
	i := s.Interval(0.95)
	assert.True(t, i.Contains(-1) && i.High < -0.8 && i.Low > -1.2, "%v", i)

	// The pooled variance of n zeros and n ones is 1/4, and that of the difference of the means 1/(2n).
	few := experiment.NewSequential(1, experiment.Burn(0))
	for n := range 3 {
		few.Add(0, 0)
		few.Add(1, 1)
		if v := 1 / float64(2*n+2); n > 0 {
			assert.InDelta(t, math.Sqrt(v/(v+1))*math.Exp(1/(2*v*(v+1))), few.Ratio(), 1e-9)
		}
	}
	assert.False(t, few.Decided(0.05))
}

// TestArmsThatAreNot: an arm that is not there is named.
func TestArmsThatAreNot(t *testing.T) {
	for _, arm := range []int{-1, 2} {
		assert.PanicsWithValue(t, fmt.Sprintf("experiment: Sequential.Add: the arms are 0 and 1, not %d", arm), func() { experiment.NewSequential(1).Add(arm, 1) })
	}
}

func TestMistakesPanic(t *testing.T) {
	r := experiment.Rate{Successes: 1, Trials: 2}
	for name, f := range map[string]func(){
		"level":      func() { r.Wilson(1) },
		"level NaN":  func() { r.ClopperPearson(math.NaN()) },
		"rate":       func() { experiment.Proportions(experiment.Rate{Successes: 3, Trials: 2}, r, experiment.TwoSided) },
		"alt":        func() { experiment.Fisher(r, r, 7) },
		"lengths":    func() { experiment.Wilcoxon(nil, []float64{1}, experiment.TwoSided) },
		"paired":     func() { experiment.Paired(nil, []float64{1}, experiment.TwoSided) },
		"table":      func() { experiment.ChiSquare([][]float64{{1}, {1, 2}}, false) },
		"count":      func() { experiment.ChiSquare([][]float64{{1, -1}, {1, 2}}, false) },
		"arms":       func() { experiment.SampleRatio([]int64{1}) },
		"shares":     func() { experiment.SampleRatio([]int64{1, 2}, 1, 0) },
		"mcnemar":    func() { experiment.McNemar(-1, 2) },
		"p":          func() { experiment.Holm(0.5, math.NaN()) },
		"draws":      func() { experiment.Bootstrap(nil, stats.Median, experiment.Draws(0)) },
		"statistic":  func() { experiment.Bootstrap(nil, nil) },
		"prior":      func() { experiment.Believe(r, r, 0, 1) },
		"tau":        func() { experiment.NewSequential(0) },
		"alpha":      func() { experiment.Design{Alpha: 2}.Means(1) },
		"power":      func() { experiment.Design{Alpha: 0.5, Power: 0.4}.Means(1) },
		"effect":     func() { experiment.Effect(-1, 0) },
		"fractions":  func() { experiment.Group(experiment.Pocock, 0.05, experiment.TwoSided, 0.5, 0.5) },
		"shape":      func() { experiment.Group(9, 0.05, experiment.TwoSided, 1) },
		"conversion": func() { experiment.Conversion[int](nil) },
		"r":          func() { experiment.Correlation(1.1, 9, experiment.TwoSided) },
		"binomial":   func() { experiment.Binomial(r, 2, experiment.Less) },
	} {
		assert.Panics(t, f, name)
	}
	assert.Equal(t, math.Inf(1), experiment.Design{}.Means(0))
	assert.Equal(t, math.Inf(1), experiment.Design{}.Proportions(0.5, 0.5))
	assert.Equal(t, math.Inf(1), experiment.Design{}.Arcsine(0.5, 0.5))
	assert.True(t, math.IsNaN(experiment.Design{}.PowerOfMeans(1, 1)))
}

func TestRateLaws(t *testing.T) {
	windowtest.Laws(t, experiment.Conversion(func(v int) bool { return v > 2 }), []int{1, 2, 3, 4}, nil)
	r := experiment.Rate{Successes: 3, Trials: 10}
	s := r.Summary()
	of := stats.Of(1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
	assert.InDelta(t, of.SampleVariance(), s.SampleVariance(), 1e-15)
	b, err := r.AppendBinary(nil)
	require.NoError(t, err)
	var back experiment.Rate
	require.NoError(t, back.UnmarshalBinary(b))
	assert.Equal(t, r, back)
	bad := experiment.Rate{Successes: 3, Trials: 1}
	b, _ = bad.AppendBinary(nil)
	assert.Error(t, back.UnmarshalBinary(b))
	assert.Equal(t, r, back)
}

// TestSequentialGoesOn holds that a restored Sequential goes on bit for bit, and that arms counted
// elsewhere are the same as those that were added.
func TestSequentialGoesOn(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	whole, parts := experiment.NewSequential(0.3), experiment.NewSequential(0.3)
	var a, b stats.Summary
	for i := range 2000 {
		v := random.NormFloat64() + float64(i%2)*0.2
		whole.Add(i%2, v)
		parts.Add(i%2, v)
		if i%2 == 0 {
			a.Add(v)
		} else {
			b.Add(v)
		}
		if i%300 == 0 {
			saved, err := parts.AppendBinary(nil)
			require.NoError(t, err)
			parts = experiment.NewSequential(1)
			require.Error(t, parts.UnmarshalBinary(saved[:len(saved)-1]))
			require.NoError(t, parts.UnmarshalBinary(saved))
		}
	}
	x, _ := whole.AppendBinary(nil)
	y, _ := parts.AppendBinary(nil)
	assert.Equal(t, x, y)
	looked := experiment.NewSequential(0.3)
	looked.Look(a, b)
	assert.Equal(t, whole.Ratio(), looked.Ratio())
	// The interval is of what the ratio does not reject.
	i := looked.Interval(1 - 1/looked.Ratio())
	assert.InDelta(t, 0, i.High, 1e-12)
	arm, _ := whole.Arms()
	assert.Equal(t, a.Count(), arm.Count())
	if !underRace {
		assert.Zero(t, testing.AllocsPerRun(100, func() { whole.Add(0, 1) }))
	}
}

// TestSeeded holds that bootstraps with the same seed are the same, and with another are not.
func TestSeeded(t *testing.T) {
	vs := []float64{1, 5, 2, 8, 3}
	a := experiment.Bootstrap(vs, stats.Median, experiment.Seed(4), experiment.Draws(100))
	b := experiment.Bootstrap(vs, stats.Median, experiment.Seed(4), experiment.Draws(100))
	c := experiment.Bootstrap(vs, stats.Median, experiment.Seed(5), experiment.Draws(100))
	assert.Equal(t, a, b)
	assert.NotEqual(t, a.Distribution, c.Distribution)
	assert.Equal(t, []float64{1, 5, 2, 8, 3}, vs)
}

// TestCuped holds it against the regression that it is: with data in which x explains most of y.
func TestCuped(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	var arms [2]stats.Joint
	var ys [2]stats.Summary
	for i := range 4000 {
		x := random.NormFloat64()*3 + 1e6
		y := 2*x + random.NormFloat64() + float64(i%2)*0.2
		arms[i%2].Add(x, y)
		ys[i%2].Add(y)
	}
	plain := experiment.Welch(ys[0], ys[1], experiment.TwoSided)
	m, reduction := experiment.Cuped(arms[0], arms[1], experiment.TwoSided)
	assert.Greater(t, plain.P, 0.01)
	assert.Less(t, m.P, 1e-6)
	assert.True(t, m.Interval(0.99).Contains(-0.2))
	assert.InDelta(t, 36./37, reduction, 0.01)
}

// FuzzExactRanks holds exact P against all choices, one by one.
func FuzzExactRanks(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7}, uint8(3))
	f.Add([]byte{1, 1, 1, 2, 2}, uint8(1))
	f.Add([]byte{0, 9, 0, 9, 4, 4, 4, 1}, uint8(6))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		if len(b) < 2 || len(b) > 11 {
			return
		}
		n := len(b)
		vs := make([]float64, n)
		for i, c := range b {
			vs[i] = float64(int8(c) % 6)
		}
		k := 1 + int(cut)%(n-1)
		a, rest := vs[:k], vs[k:]
		u := func(choice []bool) (u float64) {
			for i := range vs {
				for j := range vs {
					if choice[i] && !choice[j] {
						switch {
						case vs[i] > vs[j]:
							u++
						case vs[i] == vs[j]:
							u += 0.5
						}
					}
				}
			}
			return u
		}
		first := make([]bool, n)
		for i := range k {
			first[i] = true
		}
		seen := u(first)
		plus := func(signs uint) (sum float64) {
			size := make([]float64, n)
			for i, v := range vs {
				size[i] = math.Abs(v)
			}
			size = slices.DeleteFunc(size, func(v float64) bool { return v == 0 })
			for i, r := range stats.Ranks(size) {
				if signs>>i&1 == 1 {
					sum += r
				}
			}
			return sum
		}
		var signs uint
		nonzero := 0
		for _, v := range vs {
			if v > 0 {
				signs |= 1 << nonzero
			}
			if v != 0 {
				nonzero++
			}
		}
		var below, above, all float64
		for c := range 1 << n {
			choice, count := make([]bool, n), 0
			for i := range n {
				if choice[i] = c>>i&1 == 1; choice[i] {
					count++
				}
			}
			if count != k {
				continue
			}
			all++
			if u(choice) <= seen {
				below++
			}
			if u(choice) >= seen {
				above++
			}
		}
		require.Equal(t, seen, experiment.MannWhitney(a, rest, experiment.TwoSided).Statistic)
		require.InDelta(t, below/all, experiment.MannWhitney(a, rest, experiment.Less, experiment.Exact()).P, 1e-12)
		require.InDelta(t, above/all, experiment.MannWhitney(a, rest, experiment.Greater, experiment.Exact()).P, 1e-12)
		if nonzero == 0 {
			return
		}
		below, above = 0, 0
		for s := range uint(1) << nonzero {
			if plus(s) <= plus(signs) {
				below++
			}
			if plus(s) >= plus(signs) {
				above++
			}
		}
		all = math.Exp2(float64(nonzero))
		zeros := make([]float64, n)
		require.InDelta(t, below/all, experiment.Wilcoxon(vs, zeros, experiment.Less, experiment.Exact()).P, 1e-12)
		require.InDelta(t, above/all, experiment.Wilcoxon(vs, zeros, experiment.Greater, experiment.Exact()).P, 1e-12)
	})
}
