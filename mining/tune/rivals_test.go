package tune_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/tune"
)

func rivals() *tune.Rivals {
	return tune.NewRivals(func() tune.Contender { return eval.NewMajority(2) }, func() tune.Contender { return linear.NewLogistic(4) }, 0.01)
}

func TestRivalsPromises(t *testing.T) {
	miningtest.Check(t, miningtest.Classifier(4, rivals))
}

// A model that looks beats one that does not; where labels are drawn, none does, with a chance of alpha; and where the world changes the first may win back.
func TestRivals(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	r := rivals()
	_, first := r.Champion()
	require.True(t, first)
	learn := func(r *tune.Rivals, n int, label func(v float64) float64) {
		for range n {
			v := random.NormFloat64()
			r.Learn(mining.Dense(v, random.NormFloat64(), 1, 0), label(v))
		}
	}
	positive := func(v float64) float64 {
		if v > 0 {
			return 1
		}
		return 0
	}
	learn(r, 2000, positive)
	_, first = r.Champion()
	require.False(t, first)
	require.EqualValues(t, 1, r.Changes())
	require.Greater(t, r.Probabilities(mining.Dense(2, 0, 1, 0), nil)[1], 0.8)

	wrong := 0
	for range 200 {
		same := rivals()
		learn(same, 500, func(float64) float64 { return float64(random.IntN(2)) })
		if same.Changes() > 0 {
			wrong++
		}
	}
	require.LessOrEqual(t, wrong, 8, "of 200, with an alpha of 0.01")

	back := tune.NewRivals(func() tune.Contender { return bayes.NewGaussian(4, 2) }, func() tune.Contender { return linear.NewLogistic(4) }, 0.05)
	learn(back, 3000, func(v float64) float64 { return positive(v*v - 1) }) // no line parts these
	_, first = back.Champion()
	require.True(t, first)

	require.Panics(t, func() { tune.NewRivals(nil, nil, 0.1) })
	require.Panics(t, func() {
		tune.NewRivals(func() tune.Contender { return eval.NewMajority(3) }, func() tune.Contender { return linear.NewLogistic(4) }, 0.1)
	})
	require.Error(t, new(tune.Rivals).UnmarshalBinary(nil))
}
