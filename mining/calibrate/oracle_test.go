package calibrate_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/calibrate"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	var in struct {
		Scores, Labels, Numbers, Weights, At []float64
		X                                    [][]float64
		K                                    []float64
	}
	for range 500 {
		s, y := 2*random.NormFloat64(), 0.0
		if random.IntN(4) == 0 {
			s = math.Round(s) // ties
		}
		if s+3*random.NormFloat64() > 1 {
			y = 1
		}
		in.Scores, in.Labels, in.Numbers = append(in.Scores, s), append(in.Labels, y), append(in.Numbers, s*s*s+10*random.NormFloat64())
		in.Weights = append(in.Weights, 0.1+random.Float64())
		in.At = append(in.At, s, 3*random.NormFloat64())
	}
	data := new(mining.Table)
	for range 800 {
		k := float64(random.IntN(3))
		x := []float64{random.NormFloat64() + k, 0}
		x[1] = x[0] + 0.1*random.NormFloat64()
		in.X, in.K = append(in.X, x), append(in.K, k)
		data.Add(mining.Dense(x...), k)
	}
	var want map[string][]float64
	oracle.Ask(t, "testdata/oracle.py", in, &want)
	near := func(name string, tolerance float64, got []float64) {
		t.Helper()
		require.Len(t, got, len(want[name]), name)
		for i, v := range got {
			require.InDelta(t, want[name][i], v, tolerance*max(1, math.Abs(v)), "%s: %d", name, i)
		}
	}
	for name, weights := range map[string][]float64{"": nil, " weighted": in.Weights} {
		for labels, y := range map[string][]float64{"labels": in.Labels, "numbers": in.Numbers} {
			f := calibrate.NewIsotonic()
			require.NoError(t, f.Fit(in.Scores, y, weights))
			var got []float64
			for _, s := range in.At {
				got = append(got, f.Value(s))
			}
			near("isotonic "+labels+name, 1e-9, got)
		}
		p := calibrate.NewPlatt()
		require.NoError(t, p.Fit(in.Scores, in.Labels, weights))
		near("platt"+name, 1e-7, []float64{p.A(), p.B()})
		if weights == nil {
			near("platt sklearn", 1e-3, []float64{p.A(), p.B()}) // it stops earlier
		}
	}
	for classes := 2; classes <= 3; classes++ {
		capped := &mining.Table{X: data.X}
		for _, k := range in.K {
			capped.Y = append(capped.Y, min(k, float64(classes-1)))
		}
		m := calibrate.NewClassifier(bayes.NewGaussian(2, classes), calibrate.Monotone, calibrate.Holdout(0.5))
		require.NoError(t, m.Fit(capped.Slice(0, 400)))
		var got []float64
		for _, x := range data.X[400:] {
			got = append(got, m.Probabilities(x, nil)...)
		}
		near(fmt.Sprintf("monotone %d", classes), 1e-9, got)
	}
}
