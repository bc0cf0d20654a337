package recommend_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/recommend"
)

// The best arm is found, and what is lost by looking for it is little.
func TestThompsonRegret(t *testing.T) {
	rates := []float64{0.02, 0.05, 0.08}
	lost, chance := 0.0, 0.0
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		m := recommend.NewThompson(3, 0, seed)
		for range 5000 {
			arm := m.Choose(nil)
			lost += rates[2] - rates[arm]
			chance += rates[2] - (rates[0]+rates[1]+rates[2])/3
			reward := 0.0
			if random.Float64() < rates[arm] {
				reward = 1
			}
			m.Learn(arm, reward)
		}
		mean, low, high := m.Rate(2)
		require.True(t, low < mean && mean < high)
	}
	t.Logf("lost %.1f of 20 × 5,000 choices, by chance %.1f", lost, chance)
	require.Less(t, lost, 0.35*chance)
}

// Where rates change, one that forgets follows.
func TestThompsonForgets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	m := recommend.NewThompson(2, 200, 1)
	right := 0
	for i := range 8000 {
		good := i / 4000
		arm := m.Choose(nil)
		reward := 0.0
		if arm == good && random.IntN(2) == 0 || random.IntN(20) == 0 {
			reward = 1
		}
		m.Learn(arm, reward)
		if i >= 5000 && arm == good {
			right++
		}
	}
	require.Greater(t, right, 2500)
}

func TestThompsonEdges(t *testing.T) {
	a, b := recommend.NewThompson(3, 50, 9), new(recommend.Thompson)
	for range 100 {
		a.Learn(a.Choose(nil), 1)
		a.Learn(0, math.NaN())
		a.Learn(0, 2)
		a.Learn(0, -1)
	}
	restore(t, a, b)
	for range 100 {
		arm := a.Choose(nil)
		require.Equal(t, arm, b.Choose(nil))
		a.Learn(arm, 0.5)
		b.Learn(arm, 0.5)
	}
	require.Equal(t, 1, a.Choose(func(arm int) bool { return arm == 1 }))
	require.Equal(t, -1, a.Choose(func(int) bool { return false }))
}

// Which arm is best depends on the moment, and that is learnt.
func TestLinUCB(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	weights := [][]float64{{0.5, -1, 0}, {0.5, 1, 0}, {0.6, 0, 1}}
	m := recommend.NewLinUCB(3, 3, 1)
	reward := func(arm int, x []float64) (sum float64) {
		for f, w := range weights[arm] {
			sum += w * x[f]
		}
		return sum
	}
	lost, chance := 0.0, 0.0
	var log [][]float64
	for i := range 4000 {
		x := []float64{1, 2*random.Float64() - 1, 2*random.Float64() - 1}
		best := max(reward(0, x), reward(1, x), reward(2, x))
		arm := m.Choose(mining.Dense(x...), nil)
		if i >= 1000 {
			lost += best - reward(arm, x)
			chance += best - (reward(0, x)+reward(1, x)+reward(2, x))/3
		}
		m.Learn(arm, mining.Dense(x...), reward(arm, x)+0.3*random.NormFloat64())
		log = append(log, x)
	}
	require.Less(t, lost, 0.05*chance)
	for _, x := range log[:20] {
		for arm := range 3 {
			require.InDelta(t, reward(arm, x), m.Predict(arm, mining.Dense(x...)), 0.15)
		}
	}
	var restored recommend.LinUCB
	restore(t, m, &restored)
	for _, x := range log[:100] {
		v := mining.Dense(x...)
		require.Equal(t, m.Choose(v, nil), restored.Choose(v, nil))
		m.Learn(0, v, 1)
		restored.Learn(0, v, 1)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.MaxFloat64} {
		m.Learn(1, mining.Dense(v, v, 1), v)
		m.Learn(1, mining.Dense(v, v, 1), -1e300)
		require.True(t, mining.Known(m.Predict(1, mining.Dense(1, 1, 1))))
	}
	require.Equal(t, -1, m.Choose(mining.Dense(1, 0, 0), func(int) bool { return false }))
}

// What another policy would have earned, of what was logged of one that chose at random: right in the mean, and the intervals hold the
// truth as often as they say.
func TestEvaluate(t *testing.T) {
	truth := 0.0
	rates := []float64{0.1, 0.3, 0.5}
	newPolicy, old := []float64{0.1, 0.2, 0.7}, []float64{0.5, 0.3, 0.2}
	for arm, p := range newPolicy {
		truth += p * rates[arm]
	}
	const trials = 400
	for _, by := range []recommend.Estimator{recommend.InversePropensity, recommend.SelfNormalized, recommend.DoublyRobust} {
		held, sum := 0, 0.0
		for trial := range uint64(trials) {
			random := rand.New(rand.NewPCG(trial, 3))
			var log []recommend.Logged
			for range 1000 {
				arm := pick(random, old)
				reward := 0.0
				if random.Float64() < rates[arm] {
					reward = 1
				}
				// The model is wrong by a fifth, and the estimate right all the same.
				l := recommend.Logged{Arm: arm, Chance: old[arm], Reward: reward, New: newPolicy[arm], Model: 0.8 * rates[arm], NewModel: 0.8 * truth}
				log = append(log, l)
			}
			w := recommend.Evaluate(log, by)
			sum += w.Mean / trials
			if w.Low <= truth && truth <= w.High {
				held++
			}
			require.Less(t, w.Effective, 1000.0)
		}
		require.InDelta(t, truth, sum, 0.006, "%d", by)
		require.InDelta(t, 0.95, float64(held)/trials, 0.035, "%d", by)
	}
	require.True(t, math.IsNaN(recommend.Evaluate(nil, recommend.InversePropensity).Mean))
	require.True(t, math.IsNaN(recommend.Evaluate([]recommend.Logged{{Chance: 1}}, recommend.SelfNormalized).Mean))
}

func pick(random *rand.Rand, chances []float64) int {
	at := random.Float64()
	for i, c := range chances {
		if at -= c; at < 0 {
			return i
		}
	}
	return len(chances) - 1
}

func TestLinUCBPromises(t *testing.T) {
	miningtest.Check(t, miningtest.Model[*recommend.LinUCB]{
		New: func() *recommend.LinUCB { return recommend.NewLinUCB(3, 4, 1) },
		Learn: func(m *recommend.LinUCB, x mining.Vector, y float64) {
			m.Learn(max(0, m.Choose(x, nil)), x, y)
		},
		Answer: func(m *recommend.LinUCB, x mining.Vector, to []float64) []float64 {
			return append(to, float64(m.Choose(x, nil)), m.Predict(1, x))
		},
		Features: 4,
	})
	if raced {
		return
	}
	m, x := recommend.NewLinUCB(3, 4, 1), mining.Dense(1, 2, 3, 4)
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Learn(max(0, m.Choose(x, nil)), x, 1) }))
}
