package linear_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// TestPromises holds each model, with each way to learn, to what package mining promises.
func TestPromises(t *testing.T) {
	for name, opts := range map[string][]linear.Option{
		"plain":   nil,
		"inverse": {linear.Inverse(0.5), linear.Rate(0.5), linear.InterceptRate(0.1)},
		"l2":      {linear.L2(0.01), linear.Rate(1)},
		"l1":      {linear.L1(0.01)},
		"elastic": {linear.L1(0.01), linear.L2(0.1), linear.NoIntercept()},
		"adagrad": {linear.AdaGrad(), linear.L2(0.01)},
		"adam":    {linear.Adam(), linear.L1(0.01)},
	} {
		for _, sparse := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				a := miningtest.Classifier(5, func() *linear.Logistic { return linear.NewLogistic(5, opts...) })
				a.Sparse = sparse
				miningtest.Check(t, a)
				b := miningtest.Regressor(5, func() *linear.Regression { return linear.NewRegression(5, opts...) })
				b.Sparse = sparse
				miningtest.Check(t, b)
				c := miningtest.Classifier(5, func() *linear.SVM { return linear.NewSVM(5, opts...) })
				c.Sparse = sparse
				miningtest.Check(t, c)
			})
		}
	}
	for _, o := range []linear.Option{linear.Huber(1), linear.Quantile(0.9)} {
		miningtest.Check(t, miningtest.Regressor(3, func() *linear.Regression { return linear.NewRegression(3, o) }))
	}
	for rule := range 3 {
		o := linear.Aggressiveness(rule)
		a := miningtest.Classifier(5, func() *linear.PassiveAggressive { return linear.NewPassiveAggressive(5, o) })
		a.Sparse = true
		miningtest.Check(t, a)
		b := miningtest.Regressor(5, func() *linear.PassiveAggressiveNumbers { return linear.NewPassiveAggressiveNumbers(5, o) })
		b.Sparse = true
		miningtest.Check(t, b)
	}
	f := miningtest.Classifier(5, func() *linear.FTRL { return linear.NewFTRL(5, linear.L1(1), linear.L2(0.1)) })
	f.Sparse = true
	miningtest.Check(t, f)
	for _, opts := range [][]linear.Option{nil, {linear.L2(0.01), linear.Inverse(0.5), linear.ClassWeights(1, 2, 3)}} {
		s := miningtest.Classifier(5, func() *linear.Softmax { return linear.NewSoftmax(5, 3, opts...) })
		s.Sparse = true
		s.Label = func(random *rand.Rand, x mining.Vector) float64 { return float64(random.IntN(3)) }
		miningtest.Check(t, s)
	}
}

type scored interface {
	mining.WeightedLearner
	Score(mining.Vector) float64
	Weights() []float64
	Intercept() float64
	Contributions(mining.Vector, []float64) []float64
}

func models() map[string]scored {
	return map[string]scored{
		"Logistic":          linear.NewLogistic(4, linear.L2(0.001)),
		"SVM":               linear.NewSVM(4),
		"PassiveAggressive": linear.NewPassiveAggressive(4),
		"FTRL":              linear.NewFTRL(4),
	}
}

// TestShrinkBound: a step at most halves the weights, as L2 says.
func TestShrinkBound(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	half, beyond, less := linear.NewLogistic(4, linear.Rate(0.5), linear.L2(1)), linear.NewLogistic(4, linear.Rate(0.5), linear.L2(1e6)),
		linear.NewLogistic(4, linear.Rate(0.5), linear.L2(0.9))
	a, b := linear.NewSoftmax(4, 2, linear.Rate(0.5), linear.L2(1)), linear.NewSoftmax(4, 2, linear.Rate(0.5), linear.L2(1e6))
	for range 100 {
		x, y := event(random, 4)
		for _, m := range []mining.Learner{half, beyond, less, a, b} {
			m.Learn(x, y)
		}
	}
	require.Equal(t, half.Weights(), beyond.Weights())
	require.NotEqual(t, half.Weights(), less.Weights())
	x, _ := event(random, 4)
	require.Equal(t, a.Probabilities(x, nil), b.Probabilities(x, nil))
}

// TestContributions: they and the intercept are the score, and each is its weight times its value.
func TestContributions(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, m := range models() {
		for range 500 {
			x, y := event(random, 4)
			m.Learn(x, y)
		}
		for range 100 {
			x, _ := event(random, 4)
			sum := m.Intercept()
			for p, c := range m.Contributions(x, nil) {
				sum += c
				require.InDelta(t, m.Weights()[p]*x.At(p), c, 1e-12, name)
			}
			require.InDelta(t, m.Score(x), sum, 1e-12, name)
		}
	}
}

// event is a noisy one, half of the time a sparse one with a place that comes twice.
func event(random *rand.Rand, n int) (x mining.Vector, y float64) {
	s := random.NormFloat64()
	if random.IntN(2) == 0 {
		for range n {
			x.Append(random.NormFloat64())
		}
	} else {
		for range n {
			x.Put(random.IntN(n), random.NormFloat64())
		}
	}
	for p := range n {
		s += float64(p) * x.At(p)
	}
	if s > 0 {
		y = 1
	}
	return x, y
}

// TestSparseIsDense: how a vector says its values makes no difference.
func TestSparseIsDense(t *testing.T) {
	all := models()
	all["AdaGrad"] = linear.NewLogistic(4, linear.AdaGrad())
	all["Adam"] = linear.NewLogistic(4, linear.Adam())
	all["L1"] = linear.NewLogistic(4, linear.L1(0.01))
	again := models()
	again["AdaGrad"] = linear.NewLogistic(4, linear.AdaGrad())
	again["Adam"] = linear.NewLogistic(4, linear.Adam())
	again["L1"] = linear.NewLogistic(4, linear.L1(0.01))
	for name, m := range all {
		random := rand.New(rand.NewPCG(5, 6))
		for range 300 {
			x, y := event(random, 4)
			d := mining.Dense(x.Expand(make([]float64, 4))...)
			if name == "Adam" || name == "L1" { // a place without a value is not the same to them as 0
				for _, v := range d.Value {
					if v == 0 {
						d = x
					}
				}
			}
			m.Learn(x, y)
			again[name].Learn(d, y)
			require.InDelta(t, m.Score(x), again[name].Score(d), 1e-9, name)
		}
	}
}

// TestWeights: a weight of 0 is no event, and class weights are weights.
func TestWeights(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7))
	a, b := linear.NewLogistic(3), linear.NewLogistic(3, linear.ClassWeights(0, 2.5))
	for range 200 {
		x, y := event(random, 3)
		if y == 1 {
			a.LearnWeighted(x, y, 2.5)
		} else {
			a.LearnWeighted(x, y, 0)
		}
		b.Learn(x, y)
		require.Equal(t, a.Weights(), b.Weights())
	}
	for _, m := range models() {
		for _, w := range []float64{-1, math.NaN(), math.Inf(1)} {
			require.Panics(t, func() { m.LearnWeighted(mining.Dense(1), 1, w) })
		}
		require.Panics(t, func() { m.Learn(mining.Dense(1), 2) })
		require.Panics(t, func() { m.Learn(mining.Dense(1, 2, 3, 4, 5), 1) })
	}
}

func TestMistakes(t *testing.T) {
	for _, f := range []func(){
		func() { linear.NewLogistic(0) },
		func() { linear.NewLogistic(2, linear.Huber(1)) },
		func() { linear.NewLogistic(2, linear.ClassWeights(1, 2, 3)) },
		func() { linear.NewLogistic(2, linear.AdaGrad(), linear.L1(0.1), linear.L2(0.1)) },
		func() { linear.NewSoftmax(2, 1) },
		func() { linear.NewSoftmax(2, 3, linear.ClassWeights(1, 2)) },
		func() { linear.Rate(0) },
		func() { linear.Rate(math.NaN()) },
		func() { linear.Quantile(1) },
		func() { linear.Huber(math.Inf(1)) },
		func() { linear.ClassWeights(-1) },
		func() { linear.Aggressiveness(3) },
		func() { linear.C(0) },
		func() { linear.Ridge(-1) },
	} {
		require.Panics(t, f)
	}
}

// TestAllocations: events cost none once warm.
func TestAllocations(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	var events []mining.Vector
	for range 50 {
		x, _ := event(random, 4)
		events = append(events, x)
	}
	soft := linear.NewSoftmax(4, 2)
	p := make([]float64, 2)
	for name, m := range models() {
		run := func() {
			for i, x := range events {
				m.Score(x)
				m.Learn(x, float64(i%2))
				p = soft.Probabilities(x, p)
				soft.Learn(x, float64(i%2))
			}
		}
		run()
		if n := testing.AllocsPerRun(20, run); n != 0 && !underRace {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
