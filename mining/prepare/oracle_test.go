package prepare_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/prepare"
)

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	const n, features = 300, 4
	var in struct {
		X          [][]*float64
		Full       [][]float64
		Category   []float64
		Y, Weights []float64
	}
	part, full, categories := new(mining.Table), new(mining.Table), new(mining.Table)
	for i := range n {
		a, b, missing := make([]float64, features), make([]float64, features), make([]*float64, features)
		for p := range a {
			v := random.NormFloat64()*float64(1+p) + 100*float64(p)
			if random.IntN(3) == 0 {
				v = math.Round(v)
			}
			a[p], b[p] = v, v
			if random.IntN(5) == 0 || i == p { // each place misses something
				b[p] = mining.Missing
			} else {
				missing[p] = &a[p]
			}
		}
		c := float64(random.IntN(12) * random.IntN(12))
		y := c/10 + random.NormFloat64()
		in.X, in.Full, in.Category, in.Y, in.Weights = append(in.X, missing), append(in.Full, a), append(in.Category, c), append(in.Y, y), append(in.Weights, 0.1+random.Float64())
		part.Add(mining.Dense(b...), 0)
		full.Add(mining.Dense(a...), 0)
		categories.Add(mining.Dense(c), y)
	}
	var want map[string][][]*float64
	oracle.Ask(t, "testdata/oracle.py", in, &want)
	near := func(name string, rows []mining.Vector, from int) {
		t.Helper()
		require.Len(t, rows, len(want[name]), name)
		for i, x := range rows {
			for p, w := range want[name][i] {
				got := x.At(from + p)
				if w == nil {
					require.True(t, math.IsNaN(got), name)
				} else {
					require.InDelta(t, *w, got, 1e-9*max(1, math.Abs(*w)), "%s: %d, %d", name, i, p)
				}
			}
		}
	}
	through := func(s prepare.Step, table *mining.Table) (rows []mining.Vector) {
		mining.Learn(s, table, 1, 0)
		for _, x := range table.X {
			var to mining.Vector
			s.Transform(x, &to)
			rows = append(rows, to)
		}
		return rows
	}
	near("standard", through(prepare.NewStandard(features), part), 0)
	weighted := *full
	weighted.Weight = in.Weights
	near("standard weighted", through(prepare.NewStandard(features), &weighted), 0)
	near("minmax", through(prepare.NewMinMax(features), part), 0)
	near("robust", through(prepare.NewRobust(features, n), part), 0)
	for name, fill := range map[string]prepare.Filling{"mean": prepare.Mean(), "median": prepare.Median(n), "most_frequent": prepare.MostFrequent(n)} {
		near("impute "+name, through(prepare.NewImpute(features, fill, false), part), 0)
		near("impute indicate "+name, through(prepare.NewImpute(features, fill, true), part), 0)
	}
	near("impute constant", through(prepare.NewImpute(features, prepare.Constant(7), false), part), 0)
	for d := 2; d <= 3; d++ {
		near(fmt.Sprintf("polynomial %d", d), through(prepare.NewPolynomial(features, d, false), full), 0)
		near(fmt.Sprintf("interactions %d", d), through(prepare.NewPolynomial(features, d, true), full), 0)
	}
	for _, s := range []float64{0.5, 10} {
		near(fmt.Sprintf("target %g", s), through(prepare.NewTarget(1, 0, 200, s), categories), 0)
	}
	near("onehot", through(prepare.NewOneHot(1, 0, 200), categories), 1)
	folded, err := prepare.NewTarget(1, 0, 200, 3).FitTransform(categories)
	require.NoError(t, err)
	near("target folds", folded.X, 0)
}
