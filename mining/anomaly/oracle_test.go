package anomaly

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

// related returns rows of features that depend on each other.
func related(r *rand.Rand, n, features int) [][]float64 {
	mix := make([]float64, features*features)
	for i := range mix {
		mix[i] = r.NormFloat64()
	}
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, features)
		for k := range features {
			z := r.NormFloat64()
			for j := range features {
				rows[i][j] += mix[k*features+j] * z
			}
			rows[i][k] += 10 * float64(k)
		}
	}
	return rows
}

type asked map[string]any

// TestOracleHalfSpace hands our cuts to river's trees: the scores have to be the same, and the time is compared.
func TestOracleHalfSpace(t *testing.T) {
	r := oracle.Random(t)
	const features, n = 5, 10000
	h := NewHalfSpaceTrees(Unit(features), Seed(r.Uint64()), Window(200+r.IntN(100)))
	rows, asks := make([]mining.Vector, n), make([][]any, n)
	for i := range rows {
		for range features {
			v := min(1.2, max(-0.2, 0.5+0.2*r.NormFloat64()))
			if r.IntN(20) == 0 {
				rows[i].Append(mining.Missing)
				asks[i] = append(asks[i], nil)
				continue
			}
			rows[i].Append(v)
			asks[i] = append(asks[i], v)
		}
	}
	var cuts []asked
	for k := range h.trees {
		var feature []uint32
		var threshold []float64
		for _, c := range h.cells[k*h.nodes():][:h.nodes()] {
			feature, threshold = append(feature, c.Feature), append(threshold, c.Threshold)
		}
		cuts = append(cuts, asked{"Feature": feature, "Threshold": threshold})
	}
	var want struct {
		Scores  []float64
		Seconds float64
	}
	oracle.Ask(t, "testdata/oracle.py", asked{"Kind": "halfspace", "Trees": cuts, "Height": h.height, "Window": h.size, "Rows": asks}, &want)
	fresh, err := h.AppendBinary(nil)
	require.NoError(t, err)
	got, took := make([]float64, n), math.Inf(1)
	for range 5 { // the best of five, and river's of three
		require.NoError(t, h.UnmarshalBinary(fresh))
		start := processor(t)
		for i, x := range rows {
			got[i] = h.Score(x)
			h.Learn(x)
		}
		took = min(took, (processor(t) - start).Seconds())
		require.InDeltaSlice(t, want.Scores, got, 1e-12)
	}
	t.Logf("river %.0f ns an event, ours %.0f: %.0f times", want.Seconds*1e9/n, took*1e9/n, want.Seconds/took)
}

func TestOracleGaussian(t *testing.T) {
	r := oracle.Random(t)
	for _, features := range []int{1, 2, 6, 20} {
		rows := related(r, 500, max(features, 2))
		fresh := rows[400:]
		rows = rows[:400]
		var want struct{ Mahalanobis, Gaussian []float64 }
		oracle.Ask(t, "testdata/oracle.py", asked{"Kind": "gaussian", "Rows": rows, "New": fresh}, &want)
		m, g := NewMahalanobis(len(rows[0]), Ridge(1e-13)), NewGaussian(len(rows[0]))
		for _, row := range rows {
			m.Learn(mining.Dense(row...))
			g.Learn(mining.Dense(row...))
		}
		for i, row := range fresh {
			assert.InEpsilon(t, want.Mahalanobis[i], m.Score(mining.Dense(row...)), 1e-9)
			assert.InEpsilon(t, want.Gaussian[i], g.Score(mining.Dense(row...)), 1e-9)
		}
	}
}

func TestOracleRobust(t *testing.T) {
	r := oracle.Random(t)
	for _, size := range []int{2, 3, 10, 101, 200} {
		values := make([]float64, size+300)
		for i := range values {
			values[i] = r.NormFloat64()
		}
		var want struct{ Scores []float64 }
		oracle.Ask(t, "testdata/oracle.py", asked{"Kind": "robust", "Window": size, "Values": values}, &want)
		m := NewRobust(Window(size), Grace(1))
		for i, v := range values {
			if i >= size {
				assert.InEpsilon(t, want.Scores[i-size], m.Score(v), 1e-9)
			}
			m.Add(v)
		}
	}
}

// spearman returns the correlation of ranks.
func spearman(a, b []float64) float64 {
	ranks := func(x []float64) []float64 {
		order := make([]int, len(x))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
		r := make([]float64, len(x))
		for k, i := range order {
			r[i] = float64(k)
		}
		return r
	}
	ra, rb := ranks(a), ranks(b)
	m, ab, aa := float64(len(a)-1)/2, 0.0, 0.0
	for i := range ra {
		ab += (ra[i] - m) * (rb[i] - m)
		aa += (ra[i] - m) * (ra[i] - m)
	}
	return ab / aa
}

// scores fits a forest and returns the score of each row.
func scores(t *testing.T, rows [][]float64, opts ...Option) []float64 {
	table := &mining.Table{}
	for _, row := range rows {
		table.X = append(table.X, mining.Dense(row...))
	}
	f := NewIsolationForest(len(rows[0]), opts...)
	require.NoError(t, f.Fit(table))
	s := make([]float64, len(rows))
	for i, x := range table.X {
		s[i] = f.Score(x)
	}
	return s
}

// TestOracleForest compares scores with scikit-learn's. Both draw at random: what its forest of another seed is from its own
// bounds what ours may be.
func TestOracleForest(t *testing.T) {
	r := oracle.Random(t)
	rows := related(r, 1500, 6)
	for i := range 15 {
		rows[i][r.IntN(6)] += 15
	}
	var one, other struct{ Scores []float64 }
	oracle.Ask(t, "testdata/oracle.py", asked{"Kind": "forest", "Rows": rows, "Estimators": 300, "Seed": r.IntN(1000)}, &one)
	oracle.Ask(t, "testdata/oracle.py", asked{"Kind": "forest", "Rows": rows, "Estimators": 300, "Seed": 1000 + r.IntN(1000)}, &other)
	ours := scores(t, rows, Trees(300), Seed(r.Uint64()))
	among, with := spearman(one.Scores, other.Scores), spearman(one.Scores, ours)
	mean, far := 0.0, 0.0
	for i := range ours {
		mean += (ours[i] - one.Scores[i]) / float64(len(ours))
		far = max(far, math.Abs(ours[i]-one.Scores[i]))
	}
	t.Logf("rank correlation of two of scikit-learn's %.4f, of ours with one %.4f; mean difference %.4f, greatest %.4f", among, with, mean, far)
	assert.Greater(t, with, among-0.02)
	assert.Less(t, math.Abs(mean), 0.01)
	assert.Less(t, far, 0.06)
}
