package tree_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/tree"
)

func TestRegressor(t *testing.T) {
	for name, opts := range map[string][]tree.Option{
		"default": nil,
		"bounded": {tree.Grace(20), tree.Delta(0.1), tree.MaxLeaves(12), tree.MaxActive(4), tree.Nominal(1), tree.MaxValues(7)},
		"shallow": {tree.Grace(20), tree.Delta(0.1), tree.MaxDepth(2), tree.Answer(tree.Model)},
		"plain":   {tree.Grace(20), tree.Delta(0.1), tree.MaxLeaves(30), tree.Answer(tree.Plain)},
	} {
		t.Run(name, func(t *testing.T) {
			m := miningtest.Regressor(4, func() *tree.Regressor { return tree.NewRegressor(4, opts...) })
			m.Sparse = true
			m.Bytes = 512 << 10
			miningtest.Check(t, m)
		})
	}
}

// friedman draws events of Friedman's function, of 10 features of which 5 matter.
func friedman(random *rand.Rand, n int) *mining.Table {
	t := new(mining.Table)
	x := make([]float64, 10)
	for range n {
		for f := range x {
			x[f] = random.Float64()
		}
		t.Add(mining.Dense(x...), 10*math.Sin(math.Pi*x[0]*x[1])+20*(x[2]-0.5)*(x[2]-0.5)+10*x[3]+5*x[4]+random.NormFloat64())
	}
	return t
}

// absolute tests and then trains on each event, and returns the mean absolute error from event 1000 on.
func absolute(table *mining.Table, answer func(i int) float64) (e float64) {
	for i, y := range table.Y {
		if a := answer(i); i >= 1000 {
			e += math.Abs(y-a) / float64(table.Len()-1000)
		}
	}
	return e
}

// TestOracleRegressor: river's tree has other observers and another linear model, so that ours has to be as good, not the same.
func TestOracleRegressor(t *testing.T) {
	table := friedman(oracle.Random(t), 10000)
	for _, c := range []struct {
		answer string
		opts   []tree.Option
	}{{"mean", []tree.Option{tree.Answer(tree.Plain)}}, {"adaptive", nil}} {
		theirs := ask[float64](t, table, 0, map[string]any{"model": "regressor", "leaf_prediction": c.answer})[0]
		m := tree.NewRegressor(10, c.opts...)
		start := processor(t)
		ours := absolute(table, func(i int) float64 {
			a := m.Predict(table.X[i])
			m.Learn(table.X[i], table.Y[i])
			return a
		})
		spent := processor(t) - start
		other := absolute(table, func(i int) float64 { return theirs.Answers[i] })
		t.Logf("%s: mean absolute error %.3f and %.3f, %d and %d splits, %.0f times as fast", c.answer, ours, other, m.Splits(), theirs.Splits, theirs.Seconds/spent)
		require.Less(t, ours, 1.05*other)
	}
}

// TestRegressorSplit: of few values, a leaf splits where the definition says.
func TestRegressorSplit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	m := tree.NewRegressor(3, tree.Grace(300), tree.Answer(tree.Plain), tree.Nominal(1), tree.Tie(1), tree.MaxLeaves(2))
	var xs [][]float64
	var ys []float64
	for range 300 {
		x := []float64{float64(random.IntN(20)), float64(random.IntN(5)), random.NormFloat64()}
		y := random.NormFloat64()
		if x[1] == 3 {
			y += 2
		}
		xs, ys = append(xs, x), append(ys, y)
		m.Learn(mining.Dense(x...), y)
	}
	require.Equal(t, []int{0, 1, 0}, m.SplitsBy(nil))
	require.Equal(t, []float64{0, 1, 0}, m.Importance(nil))
	var in, out []float64
	for i, x := range xs {
		if x[1] == 3 {
			in = append(in, ys[i])
		} else {
			out = append(out, ys[i])
		}
	}
	require.InDelta(t, average(in), m.Predict(mining.Dense(0, 3, 0)), 1e-9)
	require.InDelta(t, average(out), m.Predict(mining.Dense(0, 2, 0)), 1e-9)
	require.Equal(t, 2, m.Leaves())
	require.Equal(t, 1, m.Splits())
	require.Zero(t, tree.NewRegressor(1).Predict(mining.Dense(1)))
}

func average(values []float64) (m float64) {
	for _, v := range values {
		m += v / float64(len(values))
	}
	return m
}
