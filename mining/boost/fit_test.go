package boost_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
)

func fitted(t testing.TB, table *mining.Table, features int, opts ...boost.Option) *boost.Regressor {
	m := boost.NewRegressor(features, opts...)
	require.NoError(t, m.Fit(table))
	return m
}

// TestParallel: the number of goroutines changes nothing.
func TestParallel(t *testing.T) {
	table := draws(1000, 7, 3, rand.New(rand.NewPCG(3, 0)))
	var first [][]float64
	for _, n := range []int{1, 2, 3, 16} {
		m := boost.NewClassifier(7, 3, boost.Rounds(20), boost.Parallel(n), boost.Rows(0.7), boost.Columns(0.6), boost.EarlyStop(0.2, 5))
		require.NoError(t, m.Fit(table))
		answers := probabilities(m, table)
		if first == nil {
			first = answers
		}
		require.Equal(t, first, answers, "%d goroutines", n)
	}
}

// TestSplit: one tree of two leaves against the definition, over all thresholds.
func TestSplit(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 0))
	for range 200 {
		table := new(mining.Table)
		n := 2 + random.IntN(60)
		for range n {
			v := float64(random.IntN(12))
			if random.IntN(5) == 0 {
				v = mining.Missing
			}
			table.Add(mining.Dense(v), random.NormFloat64())
		}
		least := 1 + random.IntN(4)
		m := fitted(t, table, 1, boost.Rounds(1), boost.Rate(1), boost.MaxLeaves(2), boost.MinSamples(least))
		loss := func(answer func(x mining.Vector) float64) (sum float64) {
			for i, x := range table.X {
				sum += (table.Y[i] - answer(x)) * (table.Y[i] - answer(x))
			}
			return sum
		}
		// Every threshold, with what is missing on either side, and the means of the sides.
		best := loss(func(mining.Vector) float64 { return mean(table.Y) })
		for threshold := -1; threshold < 12; threshold++ {
			for _, missingLeft := range []bool{false, true} {
				var left, right []float64
				goes := func(x mining.Vector) bool {
					v := x.Value[0]
					return v <= float64(threshold) || missingLeft && !mining.Known(v)
				}
				for i, x := range table.X {
					if goes(x) {
						left = append(left, table.Y[i])
					} else {
						right = append(right, table.Y[i])
					}
				}
				if len(left) < least || len(right) < least {
					continue
				}
				l, r := mean(left), mean(right)
				best = min(best, loss(func(x mining.Vector) float64 {
					if goes(x) {
						return l
					}
					return r
				}))
			}
		}
		require.InDelta(t, best, loss(m.Predict), 1e-9)
	}
}

func mean(values []float64) (m float64) {
	for _, v := range values {
		m += v / float64(len(values))
	}
	return m
}

// TestWeight: an event of weight 3 is three events, and one of weight 0 is none.
func TestWeight(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 0))
	table, times := draws(500, 4, 0, random), new(mining.Table)
	for i := range table.X {
		w := random.IntN(4)
		table.Weight = append(table.Weight, float64(w))
		for range w {
			times.Add(table.X[i], table.Y[i])
		}
	}
	// The least number of samples and the quantiles of many values count events, not weights: so one of the former, few of the latter.
	for _, tb := range []*mining.Table{table, times} {
		for _, x := range tb.X {
			for f := range x.Value {
				x.Value[f] = math.Round(x.Value[f] * 3)
			}
		}
	}
	opts := []boost.Option{boost.Rounds(20), boost.MinSamples(1), boost.MinHessian(5)}
	a, b := fitted(t, table, 4, opts...), fitted(t, times, 4, opts...)
	for _, x := range table.X {
		require.InDelta(t, b.Predict(x), a.Predict(x), 1e-6)
	}
}

func TestEarlyStop(t *testing.T) {
	table := draws(2000, 4, 2, rand.New(rand.NewPCG(6, 0)))
	m := boost.NewClassifier(4, 2, boost.Rounds(200), boost.Rate(0.3), boost.EarlyStop(0.2, 10))
	require.NoError(t, m.Fit(table))
	require.GreaterOrEqual(t, m.Rounds(), 3)
	require.Less(t, m.Rounds(), 100)
	whole := boost.NewClassifier(4, 2, boost.Rounds(200), boost.Rate(0.3))
	require.NoError(t, whole.Fit(table))
	require.Equal(t, 200, whole.Rounds())
	test := draws(2000, 4, 2, rand.New(rand.NewPCG(7, 0)))
	require.Less(t, logLoss(probabilities(m, test), test.Y), logLoss(probabilities(whole, test), test.Y))
}

func TestConstant(t *testing.T) {
	table := new(mining.Table)
	for range 50 {
		table.Add(mining.Dense(1, mining.Missing), 7)
	}
	m := fitted(t, table, 2)
	require.Equal(t, 7.0, m.Predict(mining.Dense(1, 2)))
	require.Equal(t, []int{0, 0}, m.SplitsBy(nil))
	require.Equal(t, []float64{0, 0}, m.Importance(nil))
	c := boost.NewClassifier(2, 3)
	require.InDelta(t, 1.0/3, c.Probabilities(mining.Dense(1, 2), nil)[2], 1e-15, "before it has learnt")
	table.Y = make([]float64, 50)
	require.NoError(t, c.Fit(table))
	require.Greater(t, c.Probabilities(mining.Dense(1, 2), nil)[0], 1-1e-9, "all of one class")
	require.Equal(t, 1.0, boost.NewRegressor(1, boost.By(boost.Poisson)).Predict(mining.Dense(0)))
	require.Equal(t, 0.0, boost.NewRegressor(1).Predict(mining.Dense(0)))
}

func TestErrors(t *testing.T) {
	table := draws(50, 3, 0, rand.New(rand.NewPCG(8, 0)))
	require.ErrorContains(t, boost.NewRegressor(2).Fit(table), "boost: Regressor: the table has 3 features, and the model 2")
	require.ErrorContains(t, boost.NewClassifier(3, 2).Fit(table), "is none of the classes 0 to 1")
	require.ErrorContains(t, boost.NewRegressor(3, boost.By(boost.Poisson)).Fit(table), "is negative")
	unknown := table.Slice(0, 2)
	unknown.Y = []float64{math.NaN(), math.Inf(1)}
	require.ErrorContains(t, boost.NewRegressor(3).Fit(unknown), "no event with a label that is known")
	require.ErrorContains(t, boost.NewRegressor(3, boost.EarlyStop(0.1, 3)).Fit(table.Slice(0, 2)), "too few to validate")
	for name, f := range map[string]func(){
		"boost: NewClassifier: 1 classes":        func() { boost.NewClassifier(1, 1) },
		"boost: 0 features":                      func() { boost.NewRegressor(0) },
		"boost: Rate: 2 is not":                  func() { boost.Rate(2) },
		"boost: Bins: 256":                       func() { boost.Bins(256) },
		"boost: Regressor: a vector of 2 values": func() { boost.NewRegressor(1).Predict(mining.Dense(1, 2)) },
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), name) }()
			f()
		}()
	}
}

// TestExplain: the contributions are the Shapley values of the definition, over all orders of features.
func TestExplain(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 0))
	table := draws(400, 5, 3, random)
	m := boost.NewClassifier(5, 3, boost.Rounds(4), boost.MaxLeaves(12), boost.MinSamples(3))
	require.NoError(t, m.Fit(table))
	binary := boost.NewClassifier(5, 2, boost.Rounds(4))
	for i := range table.Y {
		table.Y[i] = min(table.Y[i], 1)
	}
	require.NoError(t, binary.Fit(table))
	for _, x := range table.X[:30] {
		scores := make([]float64, 3)
		for c := range scores {
			to, base := m.Explain(x, c, nil)
			scores[c] = base + sum(to)
			for f, v := range m.Shapley(x, c) {
				require.InDelta(t, v, to[f], 1e-9, "feature %d", f)
			}
		}
		p := m.Probabilities(x, nil)
		require.InDelta(t, math.Log(p[1]/p[0]), scores[1]-scores[0], 1e-9, "they add up")
		to, base := binary.Explain(x, 0, nil)
		p = binary.Probabilities(x, nil)
		require.InDelta(t, math.Log(p[0]/p[1]), base+sum(to), 1e-9)
	}
	to, base := boost.NewRegressor(2).Explain(mining.Dense(1, 2), nil)
	require.Equal(t, []float64{0, 0}, to)
	require.Zero(t, base)
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

func TestImportance(t *testing.T) {
	table := draws(2000, 6, 0, rand.New(rand.NewPCG(10, 0)))
	m := fitted(t, table, 6)
	importance := m.Importance(nil)
	require.InDelta(t, 1, sum(importance), 1e-12)
	require.Less(t, slices.Max(importance[3:]), slices.Min(importance[:3]), "the label depends on the first three")
	require.Greater(t, m.SplitsBy(nil)[0], 0)
}

// TestHuge: no label and no weight makes a prediction that is no number.
func TestHuge(t *testing.T) {
	for _, loss := range []boost.Loss{boost.Squared, boost.Absolute, boost.Quantile, boost.Poisson} {
		table := draws(300, 3, 0, rand.New(rand.NewPCG(12, 0)))
		table.Weight = make([]float64, table.Len())
		for i := range table.Y {
			table.Y[i] = []float64{0, 1, math.MaxFloat64, 1e-300}[i%4]
			if loss != boost.Poisson && i%3 == 0 {
				table.Y[i] *= -1
			}
			table.Weight[i] = []float64{1, 1e300, 1e-300}[i%3]
		}
		m := fitted(t, table, 3, boost.By(loss), boost.MinSamples(1), boost.MinHessian(0), boost.EarlyStop(0.2, 20))
		for _, x := range table.X {
			require.True(t, mining.Known(m.Predict(x)), "loss %d: %v", loss, m.Predict(x))
			to, base := m.Explain(x, nil)
			require.True(t, mining.Known(sum(to)+base), "loss %d: %v", loss, to)
		}
	}
}

// Level by level a tree is as even as its splits allow: four leaves are two splits deep, where by the greatest gain they can be three.
func TestDepthWise(t *testing.T) {
	table := new(mining.Table)
	for i := range 400 {
		v := float64(i % 100)
		y := v / 1000
		if v >= 50 { // nearly all is to be gained on one side
			y = 10 * v
		}
		table.Add(mining.Dense(v), y)
	}
	answers := func(opts ...boost.Option) map[float64]bool {
		m := fitted(t, table, 1, append(opts, boost.Rounds(1), boost.Rate(1), boost.MinSamples(1))...)
		all := map[float64]bool{}
		for _, x := range table.X {
			all[m.Predict(x)] = true
		}
		return all
	}
	require.Len(t, answers(boost.MaxDepth(2), boost.DepthWise()), 4)
	even, greedy := answers(boost.MaxLeaves(4), boost.DepthWise()), answers(boost.MaxLeaves(4))
	require.Equal(t, answers(boost.MaxDepth(2)), even, "all leaves of two levels")
	require.NotEqual(t, greedy, even)
	for k := 1; k <= 64; k *= 2 { // a level at a time, all leaves of it
		require.Len(t, answers(boost.MaxLeaves(k+1), boost.DepthWise()), k+1)
	}
	require.PanicsWithValue(t, "boost: Regressor: Level is for the loss Quantile: add By(Quantile)", func() { boost.NewRegressor(1, boost.Level(0.9)) })
}
