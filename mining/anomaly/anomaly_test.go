package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
)

func univariate[U Univariate](t *testing.T, build func() U) {
	t.Helper()
	miningtest.Check(t, miningtest.Model[U]{
		New:      build,
		Features: 1,
		Learn: func(u U, x mining.Vector, y float64) {
			if mining.Known(y) {
				u.Add(x.At(0))
			}
		},
		Answer: func(u U, x mining.Vector, to []float64) []float64 { return append(to, u.Score(x.At(0))) },
	})
}

func TestPromises(t *testing.T) {
	univariate(t, func() *EWMA { return NewEWMA() })
	univariate(t, func() *EWMA { return NewEWMA(Target(0), Deviation(1)) })
	univariate(t, func() *CUSUM { return NewCUSUM() })
	univariate(t, func() *CUSUM { return NewCUSUM(Target(0.5)) })
	univariate(t, func() *Robust { return NewRobust() })
	univariate(t, func() *Smoothing { return NewSmoothing() })
	univariate(t, func() *Smoothing { return NewSmoothing(Season(7)) })
	miningtest.Check(t, miningtest.Model[*Residual]{
		New:      func() *Residual { return NewResidual() },
		Features: 2,
		Learn: func(r *Residual, x mining.Vector, y float64) {
			if mining.Known(y) {
				r.Add(x.At(0), x.At(1))
			}
		},
		Answer: func(r *Residual, x mining.Vector, to []float64) []float64 {
			return append(to, r.Score(x.At(0), x.At(1)))
		},
	})
	miningtest.Check(t, miningtest.Model[*Threshold]{
		New:      func() *Threshold { return NewThreshold(0.9) },
		Features: 1,
		Learn: func(r *Threshold, x mining.Vector, y float64) {
			if mining.Known(y) {
				r.Add(x.At(0))
			}
		},
		Answer: func(r *Threshold, x mining.Vector, to []float64) []float64 { return append(to, r.Value()) },
	})
	sparse := func(m miningtest.Model[*Gaussian]) miningtest.Model[*Gaussian] { m.Sparse = true; return m }
	miningtest.Check(t, sparse(miningtest.Outlier(4, func() *Gaussian { return NewGaussian(4) })))
	m := miningtest.Outlier(4, func() *Mahalanobis { return NewMahalanobis(4) })
	m.Sparse = true
	miningtest.Check(t, m)
	h := miningtest.Outlier(4, func() *HalfSpaceTrees {
		return NewHalfSpaceTrees([]Range{{-3, 3}, {-3, 3}, {-3, 3}, {-3, 3}}, Trees(5), Height(6))
	})
	h.Sparse = true
	miningtest.Check(t, h)
	f := miningtest.Outlier(4, func() *IsolationForest { return NewIsolationForest(4, Trees(10), Sample(32), Window(100)) })
	f.Sparse = true
	miningtest.Check(t, f)
}

func TestNothingIsAllocated(t *testing.T) {
	if underRace {
		return // the race detector allocates; CI runs this without it, too
	}
	r := rand.New(rand.NewPCG(1, 1))
	x := mining.Dense(0, 0, 0, 0)
	fill := func() {
		for i := range x.Value {
			x.Value[i] = r.Float64()
		}
	}
	models := map[string]func(){}
	for name, u := range map[string]Univariate{"EWMA": NewEWMA(), "CUSUM": NewCUSUM(), "Robust": NewRobust(), "Smoothing": NewSmoothing(Season(24))} {
		models[name] = func() { u.Score(x.Value[0]); u.Add(x.Value[0]) }
	}
	for name, o := range map[string]mining.Outlier{"Gaussian": NewGaussian(4), "Mahalanobis": NewMahalanobis(4), "HalfSpaceTrees": NewHalfSpaceTrees(Unit(4))} {
		models[name] = func() { o.Score(x); o.Learn(x) }
	}
	threshold := NewThreshold(0.99)
	models["Threshold"] = func() { threshold.Add(x.Value[0]) }
	for name, model := range models {
		run := func() {
			for range 100 {
				fill()
				model()
			}
		}
		for range 30 {
			run()
		}
		assert.Zero(t, testing.AllocsPerRun(20, run), name)
	}
}

// TestRunLengths simulates how many values come before a chart is out of control, and holds that to published figures.
func TestRunLengths(t *testing.T) {
	for _, x := range []struct {
		name  string
		new   func() (Univariate, func() bool)
		shift float64
		want  float64
	}{
		// Lucas and Saccucci 1990, table 3: w 0.2, limit 2.962.
		{"EWMA", func() (Univariate, func() bool) { c := NewEWMA(Target(0), Deviation(1)); return c, c.Out }, 0, 500},
		{"EWMA", func() (Univariate, func() bool) { c := NewEWMA(Target(0), Deviation(1)); return c, c.Out }, 1, 9.5},
		// Montgomery: k ½, h 5 and 4.
		{"CUSUM 5", func() (Univariate, func() bool) { c := NewCUSUM(Target(0), Deviation(1)); return c, c.Out }, 0, 465},
		{"CUSUM 5", func() (Univariate, func() bool) { c := NewCUSUM(Target(0), Deviation(1)); return c, c.Out }, 1, 10.4},
		{"CUSUM 4", func() (Univariate, func() bool) { c := NewCUSUM(Target(0), Deviation(1), Limit(4)); return c, c.Out }, 0, 168},
		{"CUSUM 4", func() (Univariate, func() bool) { c := NewCUSUM(Target(0), Deviation(1), Limit(4)); return c, c.Out }, 1, 8.38},
	} {
		r := rand.New(rand.NewPCG(5, 5))
		const runs = 1500
		total := 0
		for range runs {
			c, out := x.new()
			for !out() {
				c.Add(x.shift + r.NormFloat64())
				total++
			}
		}
		got := float64(total) / runs
		t.Logf("%s, shift %v: out of control after %.1f values on average, published %.1f", x.name, x.shift, got, x.want)
		assert.InEpsilon(t, x.want, got, 0.08, "%s, shift %v", x.name, x.shift)
	}
}

func TestChartsLearnWhatIsUsual(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	e, c := NewEWMA(), NewCUSUM()
	outE, outC := 0, 0
	for i := range 2000 {
		x := 50 + 3*r.NormFloat64()
		if i >= 1500 {
			x += 6
		}
		if i == 50 {
			assert.Zero(t, e.Score(x))
			assert.Zero(t, c.Score(1e6))
		}
		e.Add(x)
		c.Add(x)
		if i >= 1500 && i < 1520 && e.Out() {
			outE++
		}
		if i >= 1500 && i < 1520 && c.Out() {
			outC++
		}
	}
	assert.Positive(t, outE)
	assert.Positive(t, outC)
}

// FuzzSorted holds the window's order, median and quantiles to those of a slice that is sorted.
func FuzzSorted(f *testing.F) {
	f.Add(uint64(1), 7)
	f.Add(uint64(2), 1)
	f.Add(uint64(3), 2)
	f.Add(uint64(4), 100)
	f.Fuzz(func(t *testing.T, seed uint64, size int) {
		if size < 1 || size > 200 {
			return
		}
		r, s := rand.New(rand.NewPCG(seed, 0)), newSorted(size)
		var all []float64
		for range 3 * size {
			x := float64(r.IntN(10))
			if seed%2 == 0 {
				x = r.NormFloat64()
			}
			s.add(x)
			all = append(all, x)
			last := append([]float64(nil), all[max(0, len(all)-size):]...)
			m := middle(last)
			require.Equal(t, last, s.Sorted)
			require.InDelta(t, m, s.median(), 1e-12)
			for i := range last {
				last[i] = math.Abs(last[i] - s.median())
			}
			require.InDelta(t, middle(last), s.deviation(s.median()), 1e-12)
		}
	})
}

// middle sorts x and returns its median.
func middle(x []float64) float64 {
	for i := range x {
		for j := i; j > 0 && x[j] < x[j-1]; j-- {
			x[j], x[j-1] = x[j-1], x[j]
		}
	}
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

func TestRobustBesideEqualValues(t *testing.T) {
	r := NewRobust()
	for range 50 {
		r.Add(3)
	}
	assert.Zero(t, r.Score(3))
	assert.Equal(t, endless, r.Score(4))
	r.Add(5)
	assert.InDelta(t, 1/(math.Sqrt(math.Pi/2)*2/51), r.Score(4), 1e-9)
	assert.Zero(t, r.Score(math.NaN()))
	assert.Zero(t, NewRobust().Score(9))
	assert.Zero(t, NewRobust().Median())
	assert.Zero(t, NewRobust().Deviation())
}

func TestThreshold(t *testing.T) {
	over, r := 0, rand.New(rand.NewPCG(2, 2))
	s := NewThreshold(0.99)
	for range 200_000 {
		if s.Add(r.ExpFloat64()) {
			over++
		}
	}
	t.Logf("%.5f of the scores were above the quantile 0.99", float64(over)/200_000)
	assert.InDelta(t, 0.01, float64(over)/200_000, 0.002)
	assert.InDelta(t, math.Log(100), s.Value(), 1)
}

func TestSmoothingKnowsTheSeason(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	flat, seasonal := NewSmoothing(), NewSmoothing(Season(24))
	for i := range 24 * 30 {
		x := 100 + 50*math.Sin(2*math.Pi*float64(i)/24) + r.NormFloat64()
		flat.Add(x)
		seasonal.Add(x)
	}
	// It is midnight, and as many orders come as at six in the morning.
	assert.Less(t, flat.Score(150), 4.0)
	assert.Greater(t, seasonal.Score(150), 20.0)
	assert.InDelta(t, 100, seasonal.Forecast(), 3)
}

// TestStrange has the models find what is strange in one place, together, or nowhere near.
func TestStrange(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	g, m, h := NewGaussian(2), NewMahalanobis(2), NewHalfSpaceTrees(Unit(2), Seed(1))
	f := NewIsolationForest(2)
	draw := func() mining.Vector {
		v := 0.1 * r.NormFloat64()
		return mining.Dense(0.5+v, 0.5+v+0.01*r.NormFloat64())
	}
	for range 5000 {
		x := draw()
		for _, o := range []mining.Outlier{g, m, h, f} {
			o.Learn(x)
		}
	}
	usual, far, together := draw(), mining.Dense(0.98, 0.02), mining.Dense(0.6, 0.4)
	for _, o := range []mining.Outlier{g, m, h, f} {
		assert.Greater(t, o.Score(far), o.Score(usual), "%T", o)
	}
	assert.Less(t, g.Score(together), 2.0, "each for itself is usual")
	assert.Greater(t, m.Score(together), 10.0, "together they are not")
}

func TestForestOfNothing(t *testing.T) {
	f := NewIsolationForest(2)
	assert.Error(t, f.Fit(&mining.Table{}))
	assert.Equal(t, 0.5, f.Score(mining.Dense(1, 2)))
	require.NoError(t, f.Fit(&mining.Table{X: []mining.Vector{mining.Dense(1, 2)}}))
	assert.Equal(t, 0.5, f.Score(mining.Dense(1, 2)))
	require.NoError(t, f.Fit(&mining.Table{X: []mining.Vector{mining.Dense(1, 2), mining.Dense(1, 2), mining.Dense(1, 2)}}))
	assert.InDelta(t, 0.5, f.Score(mining.Dense(7, 2)), 1e-12, "of equal events all are the same")
}

func TestMistakes(t *testing.T) {
	for what, mistake := range map[string]func(){
		"takes no option":     func() { NewRobust(Trees(3)) },
		"Fading is above":     func() { NewEWMA(Fading(0)) },
		"Deviation":           func() { NewCUSUM(Deviation(0)) },
		"Grace between 1":     func() { NewRobust(Grace(0)) },
		"the quantile":        func() { NewThreshold(1.5) },
		"range of feature 0":  func() { NewHalfSpaceTrees([]Range{{1, 1}}) },
		"Height between":      func() { NewHalfSpaceTrees(Unit(1), Height(16)) },
		"Sample between":      func() { NewIsolationForest(1, Sample(1)) },
		"Ridge is positive":   func() { NewMahalanobis(1, Ridge(0)) },
		"between 1 and":       func() { NewGaussian(0) },
		"model of 2 features": func() { NewGaussian(2).Score(mining.Dense(1, 2, 3)) },
		"Season is between":   func() { NewSmoothing(Season(-1)) },
	} {
		func() {
			defer func() { assert.Contains(t, recover(), what) }()
			mistake()
		}()
	}
}
