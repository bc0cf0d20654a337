package prepare_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/prepare"
	"github.com/freshet-go/freshet/mining/tree"
)

// step says how a step is checked: its answers are what it makes of an event, where missing is 0.
func step[S prepare.Step](n int, build func() S) miningtest.Model[S] {
	return miningtest.Model[S]{
		New:   build,
		Learn: func(s S, x mining.Vector, y float64) { s.Learn(x, y) },
		Answer: func(s S, x mining.Vector, to []float64) []float64 {
			var out mining.Vector
			s.Transform(x, &out)
			for _, v := range out.Expand(make([]float64, s.Places())) {
				if !mining.Known(v) {
					v = 0
				}
				to = append(to, v)
			}
			return to
		},
		Features: n, Unlabelled: true, Sparse: true, Tolerance: 1e-9,
	}
}

func TestPromises(t *testing.T) {
	s := step(4, func() *prepare.Standard { return prepare.NewStandard(4) })
	s.Merge = (*prepare.Standard).Merge
	miningtest.Check(t, s)
	s = step(4, func() *prepare.Standard { return prepare.NewStandard(2) }) // others pass
	miningtest.Check(t, s)
	m := step(4, func() *prepare.MinMax { return prepare.NewMinMax(4) })
	m.Merge = (*prepare.MinMax).Merge
	miningtest.Check(t, m)
	miningtest.Check(t, step(4, func() *prepare.Robust { return prepare.NewRobust(4, 100) }))
	miningtest.Check(t, step(4, func() *prepare.Polynomial { return prepare.NewPolynomial(4, 3, false) }))
	for _, o := range []bool{false, true} {
		for _, fill := range []prepare.Filling{prepare.Mean(), prepare.Median(100), prepare.Constant(7), prepare.MostFrequent(20)} {
			i := step(4, func() *prepare.Impute { return prepare.NewImpute(4, fill, o) })
			if fill == prepare.Mean() {
				i.Merge = (*prepare.Impute).Merge
			}
			miningtest.Check(t, i)
		}
	}
	counts := step(3, func() *prepare.Impute { return prepare.NewImpute(3, prepare.MostFrequent(20), true) })
	counts.Positive, counts.Merge = true, (*prepare.Impute).Merge
	miningtest.Check(t, counts)

	o := step(3, func() *prepare.OneHot { return prepare.NewOneHot(3, 1, 10) })
	o.Sparse = false
	miningtest.Check(t, o)
	f := step(3, func() *prepare.Frequency { return prepare.NewFrequency(3, 1, 10) })
	f.Positive, f.Merge = true, (*prepare.Frequency).Merge
	miningtest.Check(t, f)
	g := step(3, func() *prepare.Target { return prepare.NewTarget(3, 1, 10, 5) })
	g.Unlabelled, g.Positive, g.Merge = false, true, (*prepare.Target).Merge
	g.Label = func(random *rand.Rand, x mining.Vector) float64 { return x.At(0) + random.NormFloat64() }
	miningtest.Check(t, g)
	g.Positive, g.Merge = false, nil // more categories than there is room for
	miningtest.Check(t, g)

	miningtest.Check(t, miningtest.Classifier(4, func() *prepare.Classifier {
		p := prepare.NewPolynomial(4, 2, true)
		return prepare.NewClassifier(linear.NewLogistic(p.Places()), prepare.NewImpute(4, prepare.Mean(), false), prepare.NewStandard(4), p)
	}))
	tree := miningtest.Classifier(3, func() *prepare.Classifier { // which has no Fit
		return prepare.NewClassifier(tree.NewHoeffding(3, 2), prepare.NewStandard(3), prepare.NewTarget(3, 1, 50, 3))
	})
	tree.Bytes = 1 << 20
	miningtest.Check(t, tree)
	miningtest.Check(t, miningtest.Regressor(4, func() *prepare.Regressor {
		return prepare.NewRegressor(linear.NewRegression(4), prepare.NewTarget(4, 2, 50, 3), prepare.NewStandard(4))
	}))
}

// TestShape: a pipeline is restored onto its like alone, and is as before otherwise.
func TestShape(t *testing.T) {
	build := func(n int, steps ...prepare.Step) *prepare.Classifier {
		return prepare.NewClassifier(linear.NewLogistic(n), steps...)
	}
	a := build(2, prepare.NewStandard(2), prepare.NewMinMax(2))
	a.Learn(mining.Dense(1, 2), 1)
	a.Learn(mining.Dense(3, 1), 0)
	saved, err := a.AppendBinary(nil)
	require.NoError(t, err)
	same := build(2, prepare.NewStandard(2), prepare.NewMinMax(2))
	require.NoError(t, same.UnmarshalBinary(saved))
	require.Equal(t, a.Probabilities(mining.Dense(2, 2), nil), same.Probabilities(mining.Dense(2, 2), nil))
	for _, other := range []*prepare.Classifier{
		build(2, prepare.NewStandard(2)),
		build(2, prepare.NewStandard(2), prepare.NewStandard(2)), // the first is restored, and has to go back
		build(2, prepare.NewMinMax(2), prepare.NewStandard(2)),
		build(2),
	} {
		other.Learn(mining.Dense(5, 6), 1)
		before, err := other.AppendBinary(nil)
		require.NoError(t, err)
		require.Error(t, other.UnmarshalBinary(saved))
		after, err := other.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
	svm := prepare.NewClassifier(linear.NewSVM(2), prepare.NewStandard(2), prepare.NewMinMax(2))
	require.Error(t, svm.UnmarshalBinary(saved))
}

// TestAllocations: numeric steps in front of a model cost none.
func TestAllocations(t *testing.T) {
	p := prepare.NewPolynomial(3, 2, false)
	m := prepare.NewClassifier(linear.NewLogistic(p.Places()+5), prepare.NewImpute(3, prepare.Median(10), false), prepare.NewStandard(3),
		prepare.NewMinMax(3), prepare.NewRobust(3, 10), p)
	one := prepare.NewClassifier(linear.NewLogistic(8), prepare.NewTarget(3, 1, 4, 1), prepare.NewFrequency(3, 2, 4), prepare.NewOneHot(3, 0, 4))
	to := make([]float64, 2)
	x := mining.Dense(1, 2, 3)
	words := prepare.Hashing{Size: 100}
	var w mining.Vector
	run := func() {
		for i := range 30 {
			x.Value[0], x.Value[1] = float64(i%3), float64(i%4)
			to = m.Probabilities(x, to)
			m.Learn(x, float64(i%2))
			to = one.Probabilities(x, to)
			one.Learn(x, float64(i%2))
			w.Reset()
			words.Words(&w, "Ein Bär, zwei Bären")
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 && !underRace {
		t.Errorf("%v allocations", n)
	}
}
