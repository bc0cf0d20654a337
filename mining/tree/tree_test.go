package tree_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/tree"
)

// TestBefore: nothing is known before anything was learnt.
func TestBefore(t *testing.T) {
	require.Equal(t, []float64{0.25, 0.25, 0.25, 0.25}, tree.NewHoeffding(2, 4).Probabilities(mining.Dense(1, 2), nil))
	require.InDeltaSlice(t, []float64{0.5, 0.5}, tree.NewForest(2, 2).Probabilities(mining.Dense(1, 2), nil), 1e-15)
	m := tree.NewHoeffding(2, 2)
	require.Equal(t, 0, m.Splits())
	require.Equal(t, 1, m.Leaves())
	require.Equal(t, 0, m.Depth())
	require.Equal(t, []float64{0, 0}, m.Importance(nil))
	require.Equal(t, []int{0, 0}, m.SplitsBy(nil))
}

// TestBayes: a tree that never splits is naive Bayes, by the definition.
func TestBayes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	m := tree.NewHoeffding(3, 3, tree.Answer(tree.Model), tree.MaxLeaves(1), tree.Nominal(2))
	var xs [][]float64
	var ys []int
	for range 300 {
		y := random.IntN(3)
		x := []float64{random.NormFloat64() + float64(y), random.NormFloat64() * float64(1+y), float64(random.IntN(2 + y))}
		if random.IntN(10) == 0 {
			x[random.IntN(3)] = mining.Missing
		}
		xs, ys = append(xs, x), append(ys, y)
		m.Learn(mining.Dense(x...), float64(y))
	}
	for range 100 {
		x := []float64{random.NormFloat64(), random.NormFloat64(), float64(random.IntN(2))}
		want := make([]float64, 3)
		for c := range want {
			var count float64
			moments := [3][]float64{}
			for i := range xs {
				if ys[i] == c {
					count++
					for f, v := range xs[i] {
						if mining.Known(v) {
							moments[f] = append(moments[f], v)
						}
					}
				}
			}
			want[c] = count / float64(len(xs))
			for f := range 2 {
				mean, variance := 0.0, 0.0
				for _, v := range moments[f] {
					mean += v / float64(len(moments[f]))
				}
				for _, v := range moments[f] {
					variance += (v - mean) * (v - mean) / float64(len(moments[f])-1)
				}
				want[c] *= math.Exp(-(x[f]-mean)*(x[f]-mean)/(2*variance)) / math.Sqrt(2*math.Pi*variance)
			}
			same := 0.0
			for _, v := range moments[2] {
				if v == x[2] {
					same++
				}
			}
			want[c] *= same / float64(len(moments[2]))
		}
		total := want[0] + want[1] + want[2]
		got := m.Probabilities(mining.Dense(x...), nil)
		for c := range want {
			require.InDelta(t, want[c]/total, got[c], 1e-9)
		}
	}
}

// TestWeight: an event of weight 3 is as three events, but for when leaves try to split.
func TestWeight(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 0))
	a := tree.NewHoeffding(2, 2, tree.MaxLeaves(1), tree.Answer(tree.Model))
	b := tree.NewHoeffding(2, 2, tree.MaxLeaves(1), tree.Answer(tree.Model))
	for range 200 {
		x, y, w := mining.Dense(random.NormFloat64(), random.NormFloat64()), float64(random.IntN(2)), random.IntN(4)
		a.LearnWeighted(x, y, float64(w))
		for range w {
			b.Learn(x, y)
		}
	}
	for range 50 {
		x := mining.Dense(random.NormFloat64(), random.NormFloat64())
		require.InDelta(t, b.Probabilities(x, nil)[1], a.Probabilities(x, nil)[1], 1e-9)
	}
}

// TestSplits: the feature that decides is found, and its threshold; names are split in one go.
func TestSplits(t *testing.T) {
	for _, criterion := range []tree.Criterion{tree.Information, tree.Gini, tree.Hellinger} {
		random := rand.New(rand.NewPCG(3, 0))
		m := tree.NewHoeffding(3, 2, tree.By(criterion), tree.Nominal(1))
		right := 0
		for i := range 5000 {
			x := mining.Dense(random.Float64(), float64(random.IntN(5)), random.Float64())
			y := 0.0
			if c := x.Value[1]; c == 1 || c == 3 {
				y = 1
			}
			if i > 2000 && float64(mining.Class(m.Probabilities(x, nil))) == y {
				right++
			}
			m.Learn(x, y)
		}
		require.Greater(t, right, 2990, "criterion %d", criterion)
		require.Greater(t, m.Importance(nil)[1], 0.99)
		require.GreaterOrEqual(t, m.SplitsBy(nil)[1], 1)
	}
}

// TestBounds: leaves are bounded, and those that observe; the tree learns on.
func TestBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 0))
	m := tree.NewHoeffding(2, 2, tree.Grace(20), tree.Delta(0.5), tree.Tie(1), tree.MaxLeaves(30), tree.MaxActive(3), tree.MaxDepth(7))
	for range 20000 {
		x := mining.Dense(random.Float64(), random.Float64())
		m.Learn(x, float64(int(x.Value[0]*8+x.Value[1]*8)%2))
	}
	require.Equal(t, 30, m.Leaves())
	require.LessOrEqual(t, m.Depth(), 7)
	b, err := m.AppendBinary(nil)
	require.NoError(t, err)
	// 30 leaves without observers and 3 with: each observer takes 4 × 48 bytes and its framing.
	require.Less(t, len(b), 6000)
}

// TestDrift: a forest notices that the world has changed, and follows it faster than a tree.
func TestDrift(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 0))
	forest, one := tree.NewForest(4, 2), tree.NewHoeffding(4, 2, tree.Grace(50), tree.Delta(0.01))
	var right [2]int
	before := 0
	for i := range 12000 {
		x := mining.Dense(random.Float64(), random.Float64(), random.Float64(), random.Float64())
		feature := 0
		if i >= 6000 {
			feature = 3
		}
		y := math.Round(x.Value[feature])
		if i >= 8000 {
			for k, m := range []model{forest, one} {
				if float64(mining.Class(m.Probabilities(x, nil))) == y {
					right[k]++
				}
			}
		}
		if i == 5999 {
			before = forest.Drifts() // a tree that gets better changes, too
		}
		forest.Learn(x, y)
		one.Learn(x, y)
	}
	require.GreaterOrEqual(t, forest.Drifts(), before+5)
	require.GreaterOrEqual(t, forest.Warnings(), 5)
	require.Greater(t, right[0], right[1])
	require.Greater(t, right[0], 3800, "of 4,000")
	require.Equal(t, 10, forest.Trees())
	require.Greater(t, forest.Importance(nil)[3], 0.5)
}

func TestMistakes(t *testing.T) {
	for name, f := range map[string]func(){
		"tree: NewHoeffding: 1 classes":            func() { tree.NewHoeffding(1, 1) },
		"tree: Hoeffding: 0 features":              func() { tree.NewHoeffding(0, 2) },
		"tree: Hoeffding: a nominal place 3":       func() { tree.NewHoeffding(2, 2, tree.Nominal(3)) },
		"Hellinger's distance is of two classes":   func() { tree.NewHoeffding(2, 3, tree.By(tree.Hellinger)) },
		"tree: Hoeffding: the label 2 is none":     func() { tree.NewHoeffding(1, 2).Learn(mining.Dense(1), 2) },
		"tree: Hoeffding: a vector of 2 values":    func() { tree.NewHoeffding(1, 2).Learn(mining.Dense(1, 2), 1) },
		"tree: Hoeffding: a weight of -1":          func() { tree.NewHoeffding(1, 2).LearnWeighted(mining.Dense(1), 1, -1) },
		"tree: NewForest: 1 classes":               func() { tree.NewForest(1, 1) },
		"tree: Forest: a subset of 3 features":     func() { tree.NewForest(2, 2, tree.Subset(3)) },
		"tree: Delta: 1 is not":                    func() { tree.Delta(1) },
		"tree: Grace: 0":                           func() { tree.Grace(0) },
		"tree: Forest: a value at place 7 for a m": func() { x := mining.Vector{}; x.Put(7, 1); tree.NewForest(2, 2).Learn(x, 1) },
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), name) }()
			f()
		}()
	}
}
