package linear_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/prepare"
)

// data is drawn afresh for each run.
type data struct {
	X                                 [][]float64
	Binary, Classes, Numbers, Weights []float64
	C, Ridge                          []float64
	Shop                              struct{ X, Y any }
}

func draw(random *rand.Rand, n, p int) data {
	d := data{C: []float64{0.01, 1, 100}, Ridge: []float64{0.1, 10}}
	w := make([]float64, p)
	for i := range w {
		w[i] = random.NormFloat64()
	}
	for range n {
		x, s := make([]float64, p), 0.3
		for i := range x {
			x[i] = random.NormFloat64()*(1+float64(i)/2) + float64(i%3)
			s += w[i] * x[i]
		}
		y, k := 0.0, 0.0
		if s+2*random.NormFloat64() > 0 {
			y = 1
		}
		if u := s + 3*random.NormFloat64(); u > 2 {
			k = 2
		} else if u > 0 {
			k = 1
		}
		d.X, d.Binary, d.Classes = append(d.X, x), append(d.Binary, y), append(d.Classes, k)
		d.Numbers, d.Weights = append(d.Numbers, s+random.NormFloat64()), append(d.Weights, 0.1+random.Float64())
	}
	return d
}

func (d data) table(y, weights []float64) *mining.Table {
	t := &mining.Table{Y: y, Weight: weights}
	for _, x := range d.X {
		t.X = append(t.X, mining.Dense(x...))
	}
	return t
}

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	const p = 5
	d := draw(random, 600, p)
	d.Shop.X, d.Shop.Y = [][]float64{}, []float64{}
	var shop *mining.Table
	if os.Getenv("FRESHET_SHARED") != "" {
		_, all := shopdata.RepeatPurchase(t)
		train, _ := shopdata.Split(all)
		scale := prepare.NewStandard(6)
		mining.Learn(scale, train, 1, 0)
		shop = &mining.Table{X: make([]mining.Vector, train.Len()), Y: train.Y}
		rows := [][]float64{}
		for i, x := range train.X {
			scale.Transform(x, &shop.X[i])
			rows = append(rows, shop.X[i].Value)
		}
		d.Shop.X, d.Shop.Y = rows, shop.Y
	}
	var want map[string][]float64
	oracle.Ask(t, "testdata/oracle.py", d, &want)

	near := func(name string, tolerance float64, got ...float64) {
		t.Helper()
		w, ok := want[name]
		require.True(t, ok, name)
		require.Len(t, got, len(w), name)
		for i, v := range got {
			require.InDelta(t, w[i], v, tolerance*max(1, math.Abs(w[i])), "%s: %d", name, i)
		}
	}
	fit := func(name string, table *mining.Table, opts ...linear.Option) {
		t.Helper()
		m := linear.NewLogistic(len(table.X[0].Value), opts...)
		require.NoError(t, m.Fit(table))
		near(name, 1e-8, append(m.Weights(), m.Intercept())[:len(want[name])]...)
	}
	for _, c := range d.C {
		fit(fmt.Sprintf("logistic %g", c), d.table(d.Binary, nil), linear.C(c))
		fit(fmt.Sprintf("logistic weighted %g", c), d.table(d.Binary, d.Weights), linear.C(c))
		fit(fmt.Sprintf("logistic classes %g", c), d.table(d.Binary, nil), linear.C(c), linear.ClassWeights(1, 3))
		fit(fmt.Sprintf("logistic bare %g", c), d.table(d.Binary, nil), linear.C(c), linear.NoIntercept())
		s := linear.NewSoftmax(p, 3, linear.C(c))
		require.NoError(t, s.Fit(d.table(d.Classes, d.Weights)))
		var got []float64
		for k := range 3 {
			got = append(got, s.Weights(k)...)
		}
		near(fmt.Sprintf("softmax %g", c), 1e-7, append(got, s.Intercept(0), s.Intercept(1), s.Intercept(2))...)
	}
	fit("logistic free", d.table(d.Binary, nil), linear.C(math.Inf(1)))
	if shop != nil {
		fit("shop", shop)
	}
	for _, a := range d.Ridge {
		for name, weights := range map[string][]float64{"ridge %g": nil, "ridge weighted %g": d.Weights} {
			m := linear.NewRegression(p, linear.Ridge(a))
			require.NoError(t, m.Fit(d.table(d.Numbers, weights)))
			near(fmt.Sprintf(name, a), 1e-9, append(m.Weights(), m.Intercept())...)
		}
	}
	m := linear.NewRegression(p)
	require.NoError(t, m.Fit(d.table(d.Numbers, nil)))
	near("least squares", 1e-9, append(m.Weights(), m.Intercept())...)
	m = linear.NewRegression(p, linear.NoIntercept())
	require.NoError(t, m.Fit(d.table(d.Numbers, nil)))
	near("least squares bare", 1e-9, m.Weights()...)

	stream := func(name string, m mining.Learner, labels, weights []float64) {
		t.Helper()
		var got []float64
		for i, x := range d.X {
			v := mining.Dense(x...)
			switch m := m.(type) {
			case *linear.SVM:
				got = append(got, 1/(1+math.Exp(-m.Score(v))))
			case *linear.PassiveAggressive:
				got = append(got, 1/(1+math.Exp(-m.Score(v))))
			case mining.Classifier:
				got = append(got, m.Probabilities(v, nil)[1])
			case mining.Regressor:
				got = append(got, m.Predict(v))
			}
			if weights == nil {
				m.Learn(v, labels[i])
			} else {
				m.(mining.WeightedLearner).LearnWeighted(v, labels[i], weights[i])
			}
		}
		near(name, 1e-9, got...)
	}
	logistic := func(opts ...linear.Option) *linear.Logistic { return linear.NewLogistic(p, opts...) }
	stream("sgd", logistic(linear.Rate(0.1)), d.Binary, nil)
	stream("sgd weighted", logistic(linear.Rate(0.1)), d.Binary, d.Weights)
	stream("sgd l2", logistic(linear.Rate(0.1), linear.L2(0.01)), d.Binary, nil)
	stream("sgd l1", logistic(linear.Rate(0.1), linear.L1(0.01)), d.Binary, nil)
	stream("sgd inverse", logistic(linear.Rate(0.5), linear.Inverse(0.5), linear.InterceptRate(0.03)), d.Binary, nil)
	stream("adagrad", logistic(linear.Rate(0.1), linear.AdaGrad()), d.Binary, nil)
	stream("adam", logistic(linear.Rate(0.1), linear.Adam()), d.Binary, nil)
	stream("squared", linear.NewRegression(p, linear.Rate(0.02)), d.Numbers, nil)
	stream("huber", linear.NewRegression(p, linear.Rate(0.02), linear.Huber(1.5)), d.Numbers, nil)
	stream("quantile", linear.NewRegression(p, linear.Rate(0.02), linear.Quantile(0.8)), d.Numbers, nil)
	stream("hinge", linear.NewSVM(p, linear.Rate(0.05)), d.Binary, nil)
	for rule := range 3 {
		stream(fmt.Sprintf("pa %d", rule), linear.NewPassiveAggressive(p, linear.Aggressiveness(rule), linear.C(0.3)), d.Binary, nil)
		stream(fmt.Sprintf("pa numbers %d", rule), linear.NewPassiveAggressiveNumbers(p, linear.Aggressiveness(rule), linear.C(0.3), linear.Epsilon(0.2)), d.Numbers, nil)
	}
	stream("ftrl", linear.NewFTRL(p, linear.Alpha(0.2), linear.L1(0.5), linear.L2(0.3)), d.Binary, nil)
}
