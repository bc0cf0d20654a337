package eval_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/eval"
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
