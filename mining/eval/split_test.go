package eval_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

// FuzzSplits: each event is in one test, and never on both sides.
func FuzzSplits(f *testing.F) {
	f.Add(uint64(1), uint8(20), uint8(3))
	f.Add(uint64(2), uint8(2), uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, size, parts uint8) {
		n, k := int(size), int(parts)
		if k < 2 || k > n {
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		labels, groups := make([]float64, n), make([]string, n)
		counts, members := map[float64]int{}, map[string]int{}
		for i := range n {
			labels[i] = float64(random.IntN(3))
			groups[i] = string(rune('a' + random.IntN(12)))
			counts[labels[i]]++
			members[groups[i]]++
		}
		most := 0
		for _, c := range counts {
			most = max(most, c)
		}
		whole := func(splits []eval.Split) {
			t.Helper()
			require.Len(t, splits, k)
			seen := make([]int, n)
			for _, s := range splits {
				both := append(slices.Clone(s.Train), s.Test...)
				slices.Sort(both)
				require.Len(t, slices.Compact(both), n)
				require.True(t, slices.IsSorted(s.Train) && slices.IsSorted(s.Test))
				for _, i := range s.Test {
					seen[i]++
				}
			}
			require.Equal(t, 1, slices.Min(seen))
			require.Equal(t, 1, slices.Max(seen))
		}
		for _, splits := range [][]eval.Split{eval.KFold(n, k), eval.Shuffled(n, k, seed)} {
			whole(splits)
			for _, s := range splits {
				require.LessOrEqual(t, len(s.Test)-n/k, 1)
			}
		}
		require.Equal(t, eval.Shuffled(n, k, seed), eval.Shuffled(n, k, seed))
		if most >= k {
			for _, splits := range [][]eval.Split{eval.Stratified(labels, k), eval.StratifiedShuffled(labels, k, seed)} {
				whole(splits)
				for class, all := range counts {
					for _, s := range splits {
						in := 0
						for _, i := range s.Test {
							if labels[i] == class {
								in++
							}
						}
						require.True(t, in == all/k || in == (all+k-1)/k, "%d of %d in one of %d folds", in, all, k)
					}
				}
			}
		}
		if len(members) >= k {
			splits := eval.Grouped(groups, k)
			whole(splits)
			for _, s := range splits {
				for _, i := range s.Test {
					for _, j := range s.Train {
						require.NotEqual(t, groups[i], groups[j])
					}
				}
			}
		}
		for _, s := range eval.TimeOrdered(n+10, k, 1, 2, 5) {
			require.Equal(t, s.Test[0], s.Train[len(s.Train)-1]+3)
			require.LessOrEqual(t, len(s.Train), 5)
		}
	})
}

// meanModel predicts the mean of a column, which fit finds.
func fitMean(train *mining.Table) (float64, error) {
	s := 0.0
	for _, y := range train.Y {
		s += y
	}
	return s / float64(train.Len()), nil
}

func scoreMean(m float64, t *mining.Table) float64 {
	e := new(eval.Errors)
	for _, y := range t.Y {
		e.Add(y, m)
	}
	return e.MAE()
}

func TestCrossValidate(t *testing.T) {
	table := new(mining.Table)
	for i := range 12 {
		table.Add(mining.Dense(1), float64(i%4))
	}
	folds, err := eval.CrossValidate(table, eval.KFold(12, 3), fitMean, scoreMean)
	require.NoError(t, err)
	require.Equal(t, []eval.Fold{{1, 1}, {1, 1}, {1, 1}}, folds)
	require.Equal(t, eval.Spread{Mean: 1, StdDev: 0}, eval.SpreadOf(eval.Tests(folds)))

	var sizes [][]float64
	curve, err := eval.LearningCurve(table, eval.KFold(12, 3), []int{2, 5, 100}, 7, func(train *mining.Table) ([]float64, error) {
		sizes = append(sizes, train.Y)
		return train.Y, nil
	}, func(y []float64, t *mining.Table) float64 { return float64(len(y)) })
	require.NoError(t, err)
	require.Equal(t, []float64{2, 5, 8}, []float64{curve[0].Test.Mean, curve[1].Test.Mean, curve[2].Train.Mean})
	require.Equal(t, 100, curve[2].At)
	require.Equal(t, sizes[0], sizes[3][:2], "the events of a smaller size are among those of a greater one")

	points, err := eval.ValidationCurve(table, eval.KFold(12, 3), []float64{0, 1.5, 9}, func(v float64, train *mining.Table) (float64, error) { return v, nil }, scoreMean)
	require.NoError(t, err)
	require.Equal(t, []float64{1.5, 1, 7.5}, []float64{points[0].Test.Mean, points[1].Test.Mean, points[2].Test.Mean})

	said, err := eval.CrossPredict(table, eval.KFold(12, 3)[:2], fitMean, func(m float64, x mining.Vector) float64 { return m + x.At(0) })
	require.NoError(t, err)
	require.Equal(t, []float64{2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5}, said[:8])
	require.True(t, math.IsNaN(said[8]), "no split judges it")
	require.Panics(t, func() { eval.LoseChances(table.Y, said[:1], nil) })

	bad := errors.New("bad")
	_, err = eval.CrossPredict(table, eval.KFold(12, 3), func(*mining.Table) (int, error) { return 0, bad }, nil)
	require.EqualError(t, err, "eval: split 0 of 3: bad")
	_, err = eval.CrossValidate(table, eval.KFold(12, 3), func(*mining.Table) (int, error) { return 0, bad }, nil)
	require.ErrorIs(t, err, bad)
	require.EqualError(t, err, "eval: split 0 of 3: bad")
	_, err = eval.ValidationCurve(table, eval.KFold(12, 3), []int{1}, func(int, *mining.Table) (int, error) { return 0, bad }, nil)
	require.ErrorIs(t, err, bad)
	_, err = eval.LearningCurve(table, eval.KFold(12, 3), []int{1}, 1, func(*mining.Table) (int, error) { return 0, bad }, nil)
	require.ErrorIs(t, err, bad)
}

func TestImportance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	table := &mining.Table{Names: []string{"noise", "strong", "weak"}}
	for range 500 {
		var x mining.Vector
		x.Append(random.NormFloat64(), random.NormFloat64())
		if random.IntN(2) == 0 {
			x.Put(2, random.NormFloat64())
		}
		table.Add(x, 3*x.At(1)+x.At(2))
	}
	before := table.X[0].Clone()
	score := func(t *mining.Table) float64 {
		e := new(eval.Errors)
		for i, x := range t.X {
			e.Add(t.Y[i], 3*x.At(1)+x.At(2))
		}
		return -e.MSE()
	}
	all := eval.PermutationImportance(table, 20, 1, score)
	require.Equal(t, []string{"strong", "weak", "noise"}, []string{all[0].Name, all[1].Name, all[2].Name})
	require.Zero(t, all[2].Mean)
	// Shuffling makes the expected squared error twice the variance of what the feature adds.
	require.InDelta(t, 18, all[0].Mean, 4)
	require.InDelta(t, 1, all[1].Mean, 0.3)
	t.Logf("%.3f of 18, %.3f of 1", all[0].Mean, all[1].Mean)
	require.Greater(t, all[0].StdErr, 0.0)
	require.Equal(t, before, table.X[0])
	require.Equal(t, all, eval.PermutationImportance(table, 20, 1, score))
	require.True(t, math.IsNaN(eval.PermutationImportance(table, 1, 1, score)[0].StdErr))
}

// TestVerdicts simulates equal models: tests say that they differ no more often than they promise, and find what is there.
func TestVerdicts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 0))
	const rounds = 2000
	wrong := map[string]int{}
	found := map[string]int{}
	for range rounds {
		var x, y, z, labels, a, b, good []float64
		for range 60 {
			x, y = append(x, random.NormFloat64()), append(y, random.NormFloat64())
			z = append(z, random.NormFloat64()+1)
			label := float64(random.IntN(2))
			labels = append(labels, label)
			say := func(right float64) float64 {
				if random.Float64() < right {
					return label
				}
				return 1 - label
			}
			a, b, good = append(a, say(0.7)), append(b, say(0.7)), append(good, say(0.95))
		}
		for name, v := range map[string]eval.Verdict{
			"McNemar": eval.McNemar(labels, a, b), "Diebold-Mariano": eval.DieboldMariano(x, y, 1), "permutation": eval.Permutation(x, y, 199, 1),
		} {
			if v.Real(0.05) {
				wrong[name]++
			}
		}
		for name, v := range map[string]eval.Verdict{
			"McNemar": eval.McNemar(labels, good, b), "Diebold-Mariano": eval.DieboldMariano(x, z, 1), "permutation": eval.Permutation(x, z, 199, 1),
		} {
			if v.Real(0.05) {
				found[name]++
			}
		}
	}
	t.Logf("of %d rounds: wrong %v, found %v", rounds, wrong, found)
	for name := range found {
		// 0.05 and four standard errors
		require.LessOrEqual(t, float64(wrong[name])/rounds, 0.05+4*math.Sqrt(0.05*0.95/rounds), name)
		require.Greater(t, float64(found[name])/rounds, 0.8, name)
	}
	require.Contains(t, eval.DieboldMariano([]float64{5, 6, 5, 7, 5, 6}, []float64{1, 2, 1, 2, 2, 1}, 1).Say("theta", "naive", false), "naive is better than theta, and it is not by chance")
	require.Contains(t, eval.McNemar([]float64{1, 1}, []float64{1, 0}, []float64{0, 1}).Say("a", "b", true), "do not differ by more than chance")
	require.Contains(t, eval.McNemar(nil, nil, nil).Say("a", "b", true), "too little to say")
}

// TestResampled: on cross-validated scores the corrected test keeps its promise where the usual t test does not.
func TestResampled(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 0))
	const rounds, n, k, repeats = 600, 60, 5, 10
	corrected, usual := 0, 0
	for range rounds {
		// Two learners as good as each other: each predicts by the sign of the mean difference that it has learnt, from a feature of its own.
		table := new(mining.Table)
		for range n {
			y := float64(random.IntN(2))
			table.Add(mining.Dense(y+2*random.NormFloat64(), y+2*random.NormFloat64()), y)
		}
		var a, b []float64
		for r := range repeats {
			for _, s := range eval.Shuffled(n, k, uint64(r)) {
				train, test := s.Of(table)
				a, b = append(a, stump(train, test, 0)), append(b, stump(train, test, 1))
			}
		}
		if eval.NadeauBengio(a, b, 1./(k-1)).Real(0.05) {
			corrected++
		}
		if eval.NadeauBengio(a, b, 0).Real(0.05) {
			usual++
		}
	}
	t.Logf("of %d rounds: corrected %d, usual %d", rounds, corrected, usual)
	require.Less(t, float64(corrected)/rounds, 0.12)
	require.Greater(t, float64(usual)/rounds, 0.4)
}

func stump(train, test *mining.Table, f int) float64 {
	var mean, count [2]float64
	for i, x := range train.X {
		mean[int(train.Y[i])] += x.At(f)
		count[int(train.Y[i])]++
	}
	cut := (mean[0]/max(1, count[0]) + mean[1]/max(1, count[1])) / 2
	right := 0.0
	for i, x := range test.X {
		if (x.At(f) > cut) == (test.Y[i] == 1) {
			right++
		}
	}
	return right / float64(test.Len())
}
