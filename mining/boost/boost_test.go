package boost_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// TestNoUse: what names a loss is of regressors alone.
func TestNoUse(t *testing.T) {
	require.PanicsWithValue(t, "boost: Classifier: no use for the option By", func() { boost.NewClassifier(2, 2, boost.By(boost.Poisson)) })
	require.PanicsWithValue(t, "boost: Classifier: no use for the option Level", func() { boost.NewClassifier(2, 2, boost.Level(0.9)) })
	require.NotPanics(t, func() { boost.NewRegressor(2, boost.By(boost.Quantile), boost.Level(0.9)) })
}

func TestClassifier(t *testing.T) {
	for name, opts := range map[string][]boost.Option{
		"default": {boost.Rounds(5)},
		"sampled": {boost.Rounds(5), boost.Rows(0.5), boost.Columns(0.5), boost.MaxLeaves(5), boost.MinSamples(1), boost.Bins(16)},
		"stopped": {boost.Rounds(15), boost.EarlyStop(0.2, 3), boost.L2(1), boost.MaxDepth(2), boost.Parallel(3)},
	} {
		t.Run(name, func(t *testing.T) {
			m := miningtest.FittedClassifier(4, func() *boost.Classifier { return boost.NewClassifier(4, 2, opts...) })
			m.Sparse = true
			m.Events = 500
			miningtest.Check(t, m)
			three := miningtest.FittedClassifier(4, func() *boost.Classifier { return boost.NewClassifier(4, 3, opts...) })
			three.Label = func(random *rand.Rand, x mining.Vector) float64 { return float64(random.IntN(3)) }
			three.Events = 500
			miningtest.Check(t, three)
		})
	}
}

func TestRegressor(t *testing.T) {
	for _, loss := range []boost.Loss{boost.Squared, boost.Absolute, boost.Quantile, boost.Poisson} {
		m := miningtest.FittedRegressor(4, func() *boost.Regressor {
			opts := []boost.Option{boost.Rounds(5), boost.By(loss), boost.Rows(0.8)}
			if loss == boost.Quantile {
				opts = append(opts, boost.Level(0.8), boost.DepthWise())
			}
			return boost.NewRegressor(4, opts...)
		})
		m.Events = 500
		if loss == boost.Poisson {
			m.Label = func(random *rand.Rand, x mining.Vector) float64 { return math.Floor(random.ExpFloat64() * 3) }
		}
		miningtest.Check(t, m)
	}
}
