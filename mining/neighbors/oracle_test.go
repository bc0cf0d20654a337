package neighbors_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/neighbors"
)

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	const n, features = 400, 3
	var in struct {
		X                [][]float64
		Missing          [][]*float64
		Classes, Numbers []float64
		Window, K        int
	}
	in.Window, in.K = 90, 7
	var holes []mining.Vector
	for range n {
		x, m, h := make([]float64, features), make([]*float64, features), make([]float64, features)
		for p := range x {
			x[p] = random.NormFloat64()
			h[p], m[p] = x[p], &x[p]
			if p > 0 && random.IntN(4) == 0 {
				h[p], m[p] = mining.Missing, nil
			}
		}
		holes = append(holes, mining.Dense(h...))
		in.X, in.Missing = append(in.X, x), append(in.Missing, m)
		in.Classes, in.Numbers = append(in.Classes, float64(random.IntN(3))), append(in.Numbers, random.NormFloat64())
	}
	var want map[string][]float64
	oracle.Ask(t, "testdata/oracle.py", in, &want)
	near := func(name string, got []float64) {
		t.Helper()
		require.Len(t, got, len(want[name]), name)
		for i, v := range got {
			require.InDelta(t, want[name][i], v, 1e-9*max(1, math.Abs(v)), "%s: %d", name, i)
		}
	}
	for metric, by := range map[string]neighbors.Metric{"euclidean": neighbors.Euclidean, "manhattan": neighbors.Manhattan, "cosine": neighbors.Cosine} {
		for weights, opts := range map[string][]neighbors.Option{"uniform": {neighbors.By(by)}, "distance": {neighbors.By(by), neighbors.Nearer()}} {
			c := neighbors.NewClassifier(features, 3, in.K, in.Window, opts...)
			r := neighbors.NewRegressor(features, in.K, in.Window, opts...)
			var classes, numbers []float64
			for i, x := range in.X {
				if i < n/2 {
					c.Learn(mining.Dense(x...), in.Classes[i])
					r.Learn(mining.Dense(x...), in.Numbers[i])
					continue
				}
				classes = append(classes, c.Probabilities(mining.Dense(x...), nil)...)
				numbers = append(numbers, r.Predict(mining.Dense(x...)))
			}
			near("classes "+metric+" "+weights, classes)
			near("numbers "+metric+" "+weights, numbers)
		}
	}
	// river's metric of a lazy search is Euclidean, too.
	r, m := neighbors.NewRegressor(features, in.K, in.Window), neighbors.NewRegressor(features, in.K, in.Window)
	var stream, missing []float64
	for i, x := range in.X {
		stream = append(stream, r.Predict(mining.Dense(x...)))
		r.Learn(mining.Dense(x...), in.Numbers[i])
		if i < n/2 {
			m.Learn(holes[i], in.Numbers[i])
		} else {
			missing = append(missing, m.Predict(holes[i]))
		}
	}
	near("river", stream)
	near("missing", missing)
}
