package forecast_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// statsforecast is asked about demands that nobody has seen.
func TestDemandOracle(t *testing.T) {
	random := oracle.Random(t)
	var demands [][]float64
	for i := range 50 {
		y := make([]float64, 5+random.IntN(60))
		for k := range y {
			if random.IntN(1+i%7) == 0 {
				y[k] = float64(1 + random.IntN(9))
			}
		}
		y[random.IntN(len(y))] = 3 // of no demand at all there is another test
		demands = append(demands, y)
	}
	var want struct{ Demands [][3]float64 }
	oracle.Ask(t, "testdata/oracle.py", map[string]any{"Demands": demands}, &want)
	for i, y := range demands {
		for rule, m := range []*forecast.Demand{forecast.NewDemand(forecast.Croston, 0.1, 0.1), forecast.NewDemand(forecast.SBA, 0.1, 0.1), forecast.NewDemand(forecast.TSB, 0.2, 0.1)} {
			for _, v := range y {
				m.Learn(v)
			}
			require.InEpsilon(t, want.Demands[i][rule], m.Rate(), 1e-6, "rule %d of %v", rule, y)
		}
	}
}

func TestDemandPromises(t *testing.T) {
	for _, rule := range []forecast.Rule{forecast.Croston, forecast.SBA, forecast.TSB} {
		miningtest.Check(t, miningtest.Model[*forecast.Demand]{
			New:        func() *forecast.Demand { return forecast.NewDemand(rule, 0.2, 0.1) },
			Learn:      func(m *forecast.Demand, x mining.Vector, _ float64) { m.Learn(max(0, math.Round(x.At(0)))) },
			Answer:     func(m *forecast.Demand, _ mining.Vector, to []float64) []float64 { return append(to, m.Rate()) },
			Features:   1,
			Bytes:      120,
			Unlabelled: true,
		})
		m := forecast.NewDemand(rule, 0.1, 0.1)
		for range 9 {
			m.Learn(0)
			m.Learn(-1)
			m.Learn(math.NaN())
		}
		require.Zero(t, m.Rate())
	}
	fades := forecast.NewDemand(forecast.TSB, 0.1, 0.1)
	fades.Learn(5)
	for range 200 {
		fades.Learn(0)
	}
	require.Less(t, fades.Rate(), 1e-6)
	for _, f := range []func(){
		func() { forecast.NewDemand(9, 0.1, 0.1) }, func() { forecast.NewDemand(forecast.TSB, 0, 0.1) }, func() { forecast.NewDemand(forecast.TSB, 0.1, 2) },
		func() { forecast.ReorderPoint(forecast.NewNaive(), 0, 0.5) }, func() { forecast.ReorderPoint(forecast.NewNaive(), 1, 1) },
	} {
		require.Panics(t, f)
	}
}

// With the reorder point of a service of 90 % the stock lasts in 90 % of cases.
func TestReorderPoint(t *testing.T) {
	random := oracle.Random(t)
	y := make([]float64, 400)
	for i := range y {
		y[i] = 20 + 4*random.NormFloat64()
	}
	m := forecast.NewMean()
	require.NoError(t, m.Fit(y))
	point, lasts := forecast.ReorderPoint(m, 5, 0.9), 0
	for range 4000 {
		stock := point
		for range 5 {
			stock -= 20 + 4*random.NormFloat64()
		}
		if stock >= 0 {
			lasts++
		}
	}
	require.InDelta(t, 0.9, float64(lasts)/4000, 0.05)
	require.InDelta(t, 100, forecast.ReorderPoint(m, 5, 0.5), 5)
}

func ExampleDemand() {
	m := forecast.NewDemand(forecast.SBA, 0.1, 0.1)
	for _, sold := range []float64{0, 0, 4, 0, 0, 0, 5, 0, 0, 4} {
		m.Learn(sold)
	}
	fmt.Printf("%.2f a day\n", m.Rate())
	// Output: 1.26 a day
}

func ExampleReorderPoint() {
	m := forecast.NewSeasonalNaive(4)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("order when there are %.0f left\n", forecast.ReorderPoint(m, 2, 0.95))
	// Output: order when there are 75 left
}
