package linear_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/linear"
)

func table(y []float64, rows ...[]float64) *mining.Table {
	t := &mining.Table{Y: y}
	for _, r := range rows {
		t.X = append(t.X, mining.Dense(r...))
	}
	return t
}

// TestFarFromZero: where the zero of a feature is, such as of a time in seconds, changes the intercept alone.
func TestFarFromZero(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	near, far := new(mining.Table), new(mining.Table)
	for range 500 {
		v := random.Float64()
		y := 0.0
		if random.Float64() < v {
			y = 1
		}
		near.Add(mining.Dense(v), y)
		far.Add(mining.Dense(v+1e6), y)
	}
	for _, c := range []float64{1, math.Inf(1)} {
		a, b := linear.NewLogistic(1, linear.C(c)), linear.NewLogistic(1, linear.C(c))
		require.NoError(t, a.Fit(near))
		require.NoError(t, b.Fit(far))
		require.InDelta(t, a.Weights()[0], b.Weights()[0], 1e-7)
		require.InDelta(t, a.Intercept(), b.Intercept()+1e6*b.Weights()[0], 1e-7)
		p, q := linear.NewSoftmax(1, 2, linear.C(c)), linear.NewSoftmax(1, 2, linear.C(c))
		require.NoError(t, p.Fit(near))
		require.NoError(t, q.Fit(far))
		for _, v := range []float64{0, 0.5, 1} {
			require.InDelta(t, a.Probability(mining.Dense(v)), b.Probability(mining.Dense(v+1e6)), 1e-7)
			require.InDelta(t, p.Probabilities(mining.Dense(v), nil)[1], q.Probabilities(mining.Dense(v+1e6), nil)[1], 1e-7)
		}
	}
	fixed := linear.NewLogistic(1, linear.NoIntercept())
	require.NoError(t, fixed.Fit(near))
	require.Zero(t, fixed.Intercept())
}

// TestSeparable: without a penalty there is no answer, and with one there is.
func TestSeparable(t *testing.T) {
	free := linear.C(math.Inf(1))
	apart := table([]float64{0, 0, 1, 1}, []float64{1, 5}, []float64{2, 1}, []float64{3, 2}, []float64{4, 4})
	touching := table([]float64{0, 0, 1, 1}, []float64{1}, []float64{2}, []float64{2}, []float64{3})
	for _, one := range []*mining.Table{apart, touching} {
		n := one.Features()
		require.ErrorIs(t, linear.NewLogistic(n, free).Fit(one), linear.ErrSeparable)
		require.ErrorIs(t, linear.NewSoftmax(n, 2, free).Fit(one), linear.ErrSeparable)
		require.NoError(t, linear.NewLogistic(n).Fit(one))
		require.NoError(t, linear.NewSoftmax(n, 2).Fit(one))
		require.NoError(t, linear.NewLogistic(n, linear.C(1e6)).Fit(one))
	}
	// An event that is all but certain is no plane between the classes.
	certain := table([]float64{0, 1, 0, 1, 0, 1, 1}, []float64{1}, []float64{2}, []float64{3}, []float64{3.1}, []float64{0}, []float64{5}, []float64{1e3})
	require.NoError(t, linear.NewLogistic(1, free).Fit(certain))
	require.NoError(t, linear.NewSoftmax(1, 2, free).Fit(certain))
	small := table([]float64{0, 0, 1, 1}, []float64{1e-9}, []float64{2e-9}, []float64{2e-9}, []float64{3e-9})
	require.ErrorIs(t, linear.NewLogistic(1, free).Fit(small), linear.ErrSeparable, "units do not matter")
}

func TestSingular(t *testing.T) {
	twice := table([]float64{0, 1, 1, 0, 1}, []float64{1, 2}, []float64{2, 4}, []float64{-1, -2}, []float64{0, 0}, []float64{5, 10})
	constant := table([]float64{0, 1, 1, 0, 1}, []float64{1, 2}, []float64{2, 2}, []float64{-1, 2}, []float64{0, 2}, []float64{-5, 2})
	for _, one := range []*mining.Table{twice, constant} {
		require.ErrorIs(t, linear.NewRegression(2).Fit(one), linear.ErrSingular)
		require.ErrorContains(t, linear.NewRegression(2).Fit(one), "place 1")
		require.NoError(t, linear.NewRegression(2, linear.Ridge(1e-3)).Fit(one))
		require.ErrorIs(t, linear.NewLogistic(2, linear.C(math.Inf(1))).Fit(one), linear.ErrSingular)
		require.ErrorIs(t, linear.NewSoftmax(2, 2, linear.C(math.Inf(1))).Fit(one), linear.ErrSingular)
		require.NoError(t, linear.NewLogistic(2).Fit(one))
	}
	require.ErrorIs(t, linear.NewRegression(2).Fit(table([]float64{1}, []float64{1, 2})), linear.ErrSingular)
	require.ErrorIs(t, linear.NewLogistic(2, linear.C(math.Inf(1))).Fit(table([]float64{0, 1, 0, 1}, []float64{1, 0}, []float64{2, 0}, []float64{3, 0}, []float64{0, 0})), linear.ErrSingular)
	tiny := table([]float64{1, 2, 4}, []float64{1e-200}, []float64{2e-200}, []float64{3e-200})
	m := linear.NewRegression(1)
	require.NoError(t, m.Fit(tiny), "units do not matter")
	require.InEpsilon(t, 1.5e200, m.Weights()[0], 1e-9)
}

// TestFitRefuses: what is wrong with a table is said, and the model stays.
func TestFitRefuses(t *testing.T) {
	good := table([]float64{0, 1, 1, 0}, []float64{1}, []float64{2}, []float64{1}, []float64{3})
	for message, bad := range map[string]*mining.Table{
		"the table is empty":       {},
		"no value at place 0":      table([]float64{0, 1}, []float64{1}, []float64{math.NaN()}),
		"none of the classes":      table([]float64{0, 2}, []float64{1}, []float64{2}),
		"one class only":           table([]float64{1, 1}, []float64{1}, []float64{2}),
		"the table has 2 features": table([]float64{1, 0}, []float64{1, 2}, []float64{2, 3}),
		"has a label":              table([]float64{math.NaN()}, []float64{1}),
	} {
		m := linear.NewLogistic(1)
		require.NoError(t, m.Fit(good))
		before, _ := m.AppendBinary(nil)
		require.ErrorContains(t, m.Fit(bad), message)
		after, _ := m.AppendBinary(nil)
		require.Equal(t, before, after)
	}
	require.ErrorContains(t, linear.NewSoftmax(1, 3).Fit(good), "no event of class 2")
	require.Error(t, linear.NewRegression(1, linear.Huber(1)).Fit(good))
	require.ErrorContains(t, linear.NewLogistic(5000).Fit(good), "learn event by event")
	require.ErrorContains(t, linear.NewSoftmax(1000, 5).Fit(good), "up to 4096 weights")
	huge := table([]float64{0, 1, 1, 0}, []float64{1e308}, []float64{-1e308}, []float64{1}, []float64{3})
	if err := linear.NewRegression(1).Fit(huge); err == nil {
		t.Error("differences beyond a number are no error")
	}
	require.Error(t, linear.NewLogistic(1).Fit(huge))
}

// TestFitWeights: a weight of 2 is the event twice, one of 0 none, and an unknown label none.
func TestFitWeights(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	a, b := new(mining.Table), new(mining.Table)
	a.Weight = []float64{}
	for range 200 {
		x, y := event(random, 3)
		w := float64(random.IntN(3))
		a.Add(x, y)
		a.Weight[len(a.Weight)-1] = w
		for range int(w) {
			b.Add(x, y)
		}
	}
	a.Add(mining.Dense(1, math.NaN(), 1), math.NaN())
	for range 2 {
		p, q := linear.NewLogistic(3), linear.NewLogistic(3)
		require.NoError(t, p.Fit(a))
		require.NoError(t, q.Fit(b))
		require.InDeltaSlice(t, q.Weights(), p.Weights(), 1e-9)
		r, s := linear.NewRegression(3), linear.NewRegression(3)
		require.NoError(t, r.Fit(a))
		require.NoError(t, s.Fit(b))
		require.InDeltaSlice(t, s.Weights(), r.Weights(), 1e-9)
		require.InDelta(t, s.Intercept(), r.Intercept(), 1e-9)
	}
}

// TestGoesOn: a fit is where Learn goes on from, with all that options ask for.
func TestGoesOn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 10))
	data := new(mining.Table)
	for range 100 {
		data.Add(event(random, 3))
	}
	for _, opts := range [][]linear.Option{nil, {linear.Adam()}, {linear.L1(0.01)}, {linear.AdaGrad(), linear.L2(0.1)}} {
		m := linear.NewLogistic(3, append(opts, linear.Rate(1e-6), linear.InterceptRate(0))...)
		mining.Learn(m, data, 1, 0)
		require.NoError(t, m.Fit(data))
		w := m.Weights()
		m.Learn(data.X[0], data.Y[0])
		require.NotEqual(t, w, m.Weights())
		require.InDeltaSlice(t, w, m.Weights(), 1e-4)
	}
}
