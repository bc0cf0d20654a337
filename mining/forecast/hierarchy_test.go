package forecast_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

func ExampleHierarchy() {
	h := forecast.NewHierarchy([]string{"tea", "coffee", "mugs"}, map[string][]string{"drinks": {"tea", "coffee"}})
	// What is foreseen of each by itself does not add up: 100, and 60 + 45.
	base := [][]float64{{100}, {60}, {38}, {24}, {45}}
	all, err := h.Reconcile(forecast.Structural, base, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, name := range h.Names() {
		fmt.Printf("%-6s %5.1f\n", name, all[i][0])
	}
	// Output:
	// total  103.6
	// drinks  59.8
	// tea     36.9
	// coffee  22.9
	// mugs    43.8
}

func crossed() *forecast.Hierarchy {
	return forecast.NewHierarchy([]string{"a1", "a2", "b1", "b2", "b3"}, map[string][]string{
		"a": {"a1", "a2"}, "b": {"b1", "b2", "b3"}, "1": {"a1", "b1"}, "2": {"a2", "b2"},
	})
}

// errors returns residuals that go with each other, around 0.
func errors(r *rand.Rand, series, n int) [][]float64 {
	all := make([][]float64, series)
	common := make([]float64, n)
	for t := range common {
		common[t] = r.NormFloat64()
	}
	for i := range all {
		sum := 0.0
		for t := range n {
			v := common[t]*float64(i%3) + (1+r.Float64())*r.NormFloat64()
			all[i] = append(all[i], v)
			sum += v
		}
		for t := range n {
			all[i][t] -= sum / float64(n)
		}
	}
	return all
}

func TestReconcileOracle(t *testing.T) {
	random := oracle.Random(t)
	h := crossed()
	type asked struct{ S, Base, Residuals [][]float64 }
	var all []asked
	for range 10 {
		var a asked
		var unit [][]float64
		for i := range 5 {
			unit = append(unit, make([]float64, 5))
			unit[i][i] = 1
		}
		var err error
		a.S, err = h.Series(unit)
		require.NoError(t, err)
		for range h.Names() {
			a.Base = append(a.Base, []float64{50 * random.Float64(), 50 * random.Float64(), 10})
		}
		a.Residuals = errors(random, len(h.Names()), 20+random.IntN(40))
		all = append(all, a)
	}
	var want struct {
		Sums []map[string][][]float64
	}
	oracle.Ask(t, "testdata/sums.py", map[string]any{"Sums": all}, &want)
	for i, a := range all {
		for how, name := range map[forecast.Reconciliation]string{forecast.OLS: "ols", forecast.Structural: "wls_struct", forecast.Variances: "wls_var", forecast.MinT: "mint_shrink"} {
			got, err := h.Reconcile(how, a.Base, a.Residuals)
			require.NoError(t, err)
			for k, f := range got {
				require.InDeltaSlice(t, want.Sums[i][name][k], f, 1e-5, "%v of %s", how, h.Names()[k])
			}
		}
	}
}

// Forecasts that add up already stay as they are, reconciled ones add up, and where the errors are the covariances' MinT's are the smallest.
func TestReconcileLaws(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	h := crossed()
	var leaves [][]float64
	for range 5 {
		leaves = append(leaves, []float64{random.Float64(), 10 * random.Float64()})
	}
	sums, err := h.Series(leaves)
	require.NoError(t, err)
	history := errors(random, len(sums), 400)
	all := []forecast.Reconciliation{forecast.BottomUp, forecast.OLS, forecast.Structural, forecast.Variances, forecast.MinT}
	squares := map[forecast.Reconciliation]float64{}
	for trial := range 300 {
		wrong := errors(random, len(sums), 30)
		base := make([][]float64, len(sums))
		for i, s := range sums {
			base[i] = []float64{s[0] + history[i][trial], s[1] + wrong[i][0]}
		}
		for _, how := range all {
			same, err := h.Reconcile(how, sums, history)
			require.NoError(t, err)
			got, err := h.Reconcile(how, base, history)
			require.NoError(t, err)
			again, err := h.Series(got[len(got)-5:])
			require.NoError(t, err)
			for i := range sums {
				require.InDeltaSlice(t, sums[i], same[i], 1e-9, "%v", how)
				require.InDeltaSlice(t, again[i], got[i], 1e-9, "%v", how)
				squares[how] += math.Pow(got[i][0]-sums[i][0], 2)
			}
		}
	}
	for _, how := range all {
		t.Log(how, squares[how])
		require.LessOrEqual(t, squares[forecast.MinT], 1.0001*squares[how])
	}
}

func TestHierarchyEdges(t *testing.T) {
	for _, f := range []func(){
		func() { forecast.NewHierarchy(nil, nil) },
		func() { forecast.NewHierarchy([]string{"a", "a"}, nil) },
		func() { forecast.NewHierarchy([]string{"total"}, nil) },
		func() { forecast.NewHierarchy([]string{"a"}, map[string][]string{"a": {"a"}}) },
		func() { forecast.NewHierarchy([]string{"a"}, map[string][]string{"g": {}}) },
		func() { forecast.NewHierarchy([]string{"a"}, map[string][]string{"g": {"b"}}) },
	} {
		require.Panics(t, f)
	}
	h := forecast.NewHierarchy([]string{"a", "b"}, nil)
	require.Equal(t, []string{"total", "a", "b"}, h.Names())
	base := [][]float64{{5}, {1}, {2}}
	_, err := h.Reconcile(forecast.OLS, base[:2], nil)
	require.ErrorContains(t, err, "2 forecasts for 3 series")
	_, err = h.Reconcile(forecast.OLS, [][]float64{{5}, {math.NaN()}, {2}}, nil)
	require.ErrorContains(t, err, "a: value 0 of the series is NaN")
	_, err = h.Reconcile(forecast.OLS, [][]float64{{5}, {1}, {}}, nil)
	require.Error(t, err)
	_, err = h.Reconcile(forecast.MinT, base, nil)
	require.ErrorContains(t, err, "takes the residuals of all 3 series")
	_, err = h.Reconcile(forecast.MinT, base, [][]float64{{1}, {1}, {1}})
	require.ErrorIs(t, err, forecast.ErrShort)
	_, err = h.Reconcile(forecast.MinT, base, [][]float64{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}})
	require.ErrorContains(t, err, "never wrong")
	_, err = h.Reconcile(9, base, nil)
	require.ErrorContains(t, err, "no way 9")
	_, err = h.Series([][]float64{{1}, {1, 2}})
	require.ErrorContains(t, err, `"b" has 2 values`)
	_, err = h.Series(nil)
	require.Error(t, err)
	got, err := h.Reconcile(forecast.BottomUp, base, nil)
	require.NoError(t, err)
	require.Equal(t, [][]float64{{3}, {1}, {2}}, got)
}
