package eval_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/experiment"
)

// TestVerdictsOfUnknownScores: one score that is not known is too little to say anything, in each test of scores.
func TestVerdictsOfUnknownScores(t *testing.T) {
	for _, n := range []int{5, 40} { // all signs, and signs that are drawn
		for _, bad := range []float64{nan, math.Inf(1), math.Inf(-1)} {
			a, b := make([]float64, n), make([]float64, n)
			for i := range a {
				a[i], b[i] = 1+float64(i)/100, float64(i)/200
			}
			a[3] = bad
			var x, y [5][2]float64
			x[2][1] = bad
			for name, v := range map[string]eval.Verdict{
				"Permutation": eval.Permutation(a, b, 99, 1), "NadeauBengio": eval.NadeauBengio(a, b, 0.25),
				"DieboldMariano": eval.DieboldMariano(a, b, 1), "FiveByTwo": eval.FiveByTwo(x, y),
			} {
				require.True(t, math.IsNaN(v.P), "%s of %v: p = %v", name, bad, v.P)
				require.Contains(t, v.Say("a", "b", true), "too little to say", name)
				require.False(t, v.Real(0.05), name)
			}
		}
	}
}

// TestClassesThatAreNot: a class that is not there is named, and never another cell of the matrix.
func TestClassesThatAreNot(t *testing.T) {
	c := eval.Confuse(3, []float64{0, 1, 2}, []float64{0, 1, 1}, nil)
	for _, class := range []int{-1, 3} {
		for name, f := range map[string]func(){
			"Count":  func() { c.Count(0, class) },
			"Count ": func() { c.Count(class, 0) }, "Labelled": func() { c.Labelled(class) }, "Predicted": func() { c.Predicted(class) },
		} {
			require.PanicsWithValue(t, fmt.Sprintf("eval: Confusion.%s: there is no class %d of 3", strings.TrimSpace(name), class), f)
		}
		require.Panics(t, func() { c.PrecisionOf(class) })
		require.Panics(t, func() { c.RecallOf(class) })
		require.Panics(t, func() { c.FOf(class, 1) })
	}
}

// TestPairsOfUnknownLabels: what is not known is no event, right or wrong.
func TestPairsOfUnknownLabels(t *testing.T) {
	labels, a, b := []float64{0, 0, 1, 1, 0, 1, 0}, []float64{0, 0, 1, 0, 0, 1, 1}, []float64{0, 1, 0, 1, 1, 1, 0}
	kappa, v := eval.KappaTemporal(labels, a), eval.McNemar(labels, a, b)
	var gaps, x, y []float64
	for i := range labels {
		gaps, x, y = append(gaps, nan, math.Inf(1), labels[i]), append(x, nan, 1, a[i]), append(y, 1, 0, b[i])
	}
	require.Equal(t, kappa, eval.KappaTemporal(gaps, x))
	w := eval.McNemar(gaps, x, y)
	require.Equal(t, []float64{v.P, v.Difference, v.Statistic}, []float64{w.P, w.Difference, w.Statistic})

	// A prediction that is not known: the pair does not count, and its label is still the one before the next.
	require.Equal(t, eval.KappaTemporal([]float64{0, 1, 0, 0}, []float64{0, 1, 0, 1}), eval.KappaTemporal([]float64{0, 1, 0, 0, 0}, []float64{0, 1, 0, nan, 1}))
	require.Equal(t, 0.5, eval.McNemar([]float64{1, 1, 1}, []float64{1, 1, nan}, []float64{0, 1, 0}).Difference)
	require.Zero(t, eval.McNemar([]float64{1}, []float64{1}, []float64{1}).Difference)
	allNaN(t, eval.KappaTemporal([]float64{nan, nan}, []float64{1, 1}), eval.McNemar([]float64{nan}, []float64{1}, []float64{0}).P)
	require.Contains(t, eval.McNemar([]float64{nan}, []float64{1}, []float64{0}).Say("a", "b", true), "too little to say")
}

type knowsNothing struct{ *eval.Majority }

func (knowsNothing) Probabilities(mining.Vector, []float64) []float64 { return []float64{nan, nan} }

// TestProbabilitiesThatAreNotKnown are no prediction of a class: not even of the first.
func TestProbabilitiesThatAreNotKnown(t *testing.T) {
	g := eval.NewClassification(2)
	r := g.Enter("nothing", knowsNothing{eval.NewMajority(2)})
	for range 5 {
		g.Step(mining.Dense(1), 0)
	}
	require.Zero(t, r.Confusion.Total())
	require.NotZero(t, r.Confusion.Unknown())
}

// TestMcNemarIsOneTest: that of package experiment, of few and of many events.
func TestMcNemarIsOneTest(t *testing.T) {
	for _, n := range [][2]int64{{13, 13}, {12, 13}, {13, 14}, {3, 9}, {40, 20}, {0, 26}, {0, 25}} {
		var labels, a, b []float64
		for i := range n[0] + n[1] {
			labels, a, b = append(labels, 1), append(a, float64(min(1, max(0, n[0]-i)))), append(b, float64(1-min(1, max(0, n[0]-i))))
		}
		want := experiment.McNemar(n[0], n[1])
		if n[0]+n[1] > 25 {
			want = experiment.McNemarChiSquare(n[0], n[1], true)
		}
		v := eval.McNemar(labels, a, b)
		require.Equal(t, []float64{want.Statistic, want.P}, []float64{v.Statistic, v.P}, "%v", n)
	}
	for _, continuity := range []bool{false, true} {
		require.Equal(t, 1.0, experiment.McNemarChiSquare(13, 13, continuity).P)
	}
}
