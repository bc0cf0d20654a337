package calibrate_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/calibrate"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/neighbors"
)

func TestPromises(t *testing.T) {
	for _, method := range []calibrate.Method{calibrate.Sigmoid, calibrate.Monotone} {
		for _, opts := range [][]calibrate.Option{nil, {calibrate.Stream(50)}} {
			miningtest.Check(t, miningtest.Classifier(3, func() *calibrate.Classifier {
				return calibrate.NewClassifier(linear.NewLogistic(3), method, opts...)
			}))
			miningtest.Check(t, miningtest.Classifier(3, func() *calibrate.Classifier { // which has no Fit
				return calibrate.NewClassifier(neighbors.NewClassifier(3, 2, 3, 50), method, opts...)
			}))
			m := miningtest.Classifier(3, func() *calibrate.Classifier {
				return calibrate.NewClassifier(bayes.NewGaussian(3, 3), method, opts...)
			})
			m.Label = func(random *rand.Rand, _ mining.Vector) float64 { return float64(random.IntN(3)) }
			miningtest.Check(t, m)
		}
	}
}

// TestPlattEdges: one class, one score, and nothing.
func TestPlattEdges(t *testing.T) {
	p := calibrate.NewPlatt()
	require.Equal(t, 0.5, p.Probability(0))
	require.InDelta(t, 1/(1+math.Exp(-2)), p.Probability(2), 1e-15)
	require.Error(t, p.Fit(nil, nil, nil))
	require.Error(t, p.Fit([]float64{1}, []float64{1, 0}, nil))
	require.Error(t, p.Fit([]float64{1}, []float64{0.5}, nil))
	require.Error(t, p.Fit([]float64{1}, []float64{1}, []float64{-1}))
	require.Error(t, p.Fit([]float64{math.NaN()}, []float64{1}, nil))
	require.Equal(t, 0.5, p.Probability(0), "an error left it as it was")
	require.NoError(t, p.Fit([]float64{3, 3, 3}, []float64{1, 1, 0}, nil))
	// The targets are 3/4, 3/4 and 1/3: their mean is all that one score can say.
	require.InDelta(t, (0.75+0.75+1.0/3)/3, p.Probability(3), 1e-9)
	require.NoError(t, p.Fit([]float64{1, 2, 3}, []float64{1, 1, 1}, nil))
	for _, s := range []float64{1, 2, 3} {
		require.InDelta(t, 0.8, p.Probability(s), 1e-6)
	}
	for _, huge := range []float64{1e300, 1e-300} {
		require.NoError(t, p.Fit([]float64{-huge, huge, -huge, huge}, []float64{0, 1, 0, 1}, nil), "%v", huge)
		require.InDelta(t, 0.75, p.Probability(huge), 1e-6)
		require.InDelta(t, 0.25, p.Probability(-huge), 1e-6)
	}
	for _, s := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		require.True(t, mining.Known(p.Probability(s)))
	}
}

func TestIsotonicEdges(t *testing.T) {
	f := calibrate.NewIsotonic()
	require.Zero(t, f.Value(3))
	require.Error(t, f.Fit(nil, nil, nil))
	require.NoError(t, f.Fit([]float64{2, 2, 2}, []float64{1, 0, 0}, []float64{2, 1, 1}))
	for _, s := range []float64{-1, 2, 9, math.NaN()} {
		require.Equal(t, 0.5, f.Value(s))
	}
	require.NoError(t, f.Fit([]float64{3, 1, 2, 4}, []float64{1, 0, 2, 5}, nil))
	require.Equal(t, []float64{0, 0, 0.75, 1.5, 1.5, 1.5, 3.25, 5, 5},
		[]float64{f.Value(-9), f.Value(1), f.Value(1.5), f.Value(2), f.Value(2.5), f.Value(3), f.Value(3.5), f.Value(4), f.Value(1e300)})
	require.NoError(t, f.Fit([]float64{-1e308, 1e308}, []float64{-1e308, 1e308}, nil))
	require.Zero(t, f.Value(0))
}

// FuzzIsotonic holds pooling to the definition by minima of maxima of means (Barlow et al., 1972).
func FuzzIsotonic(f *testing.F) {
	f.Add(uint64(1), uint8(8))
	f.Add(uint64(2), uint8(1))
	f.Add(uint64(3), uint8(30))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		if n == 0 || n > 60 {
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		var s, y, w []float64
		for range n {
			s, y, w = append(s, float64(random.IntN(20))), append(y, float64(random.IntN(4))), append(w, float64(1+random.IntN(3)))
		}
		f := calibrate.NewIsotonic()
		if err := f.Fit(s, y, w); err != nil {
			t.Fatal(err)
		}
		mean := func(from, to float64) float64 {
			a, b := 0.0, 0.0
			for i, v := range s {
				if v >= from && v <= to {
					a, b = a+w[i]*y[i], b+w[i]
				}
			}
			return a / b
		}
		for _, at := range s {
			want := math.Inf(-1)
			for _, from := range s {
				if from > at {
					continue
				}
				least := math.Inf(1)
				for _, to := range s {
					if to >= at {
						least = min(least, mean(from, to))
					}
				}
				want = max(want, least)
			}
			if got := f.Value(at); math.Abs(got-want) > 1e-9 {
				t.Fatalf("at %v: %v, want %v", at, got, want)
			}
		}
	})
}

// TestHonest: naive Bayes, which believes copies of a feature, becomes honest.
func TestHonest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	draw := func(n int) *mining.Table {
		table := new(mining.Table)
		for range n {
			y := float64(random.IntN(2))
			v := random.NormFloat64() + y
			table.Add(mining.Dense(v, v, v, v), y)
		}
		return table
	}
	loss := func(m mining.Classifier, t *mining.Table) (sum float64) {
		for i, x := range t.X {
			sum -= math.Log(max(1e-15, m.Probabilities(x, nil)[int(t.Y[i])]))
		}
		return sum / float64(t.Len())
	}
	train, test := draw(4000), draw(4000)
	honest := loss(func() mining.Classifier { // what knows the truth
		m := bayes.NewGaussian(4, 2)
		for i, x := range train.X {
			m.Learn(mining.Dense(x.Value[0], math.NaN(), math.NaN(), math.NaN()), train.Y[i])
		}
		return only{m}
	}(), test)
	bare := bayes.NewGaussian(4, 2)
	mining.Learn(bare, train, 1, 0)
	require.Greater(t, loss(bare, test), honest+0.2)
	for _, method := range []calibrate.Method{calibrate.Sigmoid, calibrate.Monotone} {
		m := calibrate.NewClassifier(bayes.NewGaussian(4, 2), method)
		require.NoError(t, m.Fit(train))
		near := 0.02
		if method == calibrate.Monotone {
			near = 0.1 // it may say 0 or 1, and be wrong
		}
		require.InDelta(t, honest, loss(m, test), near)
		s := calibrate.NewClassifier(bayes.NewGaussian(4, 2), method, calibrate.Stream(1000))
		mining.Learn(s, train, 1, 0)
		require.InDelta(t, honest, loss(s, test), near)
	}
	m := calibrate.NewClassifier(bayes.NewGaussian(4, 2), calibrate.Sigmoid)
	require.Error(t, m.Fit(&mining.Table{}))
	require.Error(t, m.Fit(draw(1)))
}

// only shows its model the first feature.
type only struct{ mining.Classifier }

func (o only) Probabilities(x mining.Vector, to []float64) []float64 {
	return o.Classifier.Probabilities(mining.Dense(x.Value[0], math.NaN(), math.NaN(), math.NaN()), to)
}
