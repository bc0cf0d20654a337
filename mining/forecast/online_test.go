package forecast_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// The mean absolute error by horizon on the passengers (FACTS.md): river's own protocol, which compares one step late, and the right one.
func TestOnline(t *testing.T) {
	y := passengers(t)
	for late, want := range [][]float64{
		{8.223079, 9.699878, 11.243281, 11.789408, 12.232437, 13.230403, 13.842864, 14.738013, 15.218527, 16.361173, 16.899837, 17.996091},
		{25.899087, 26.261310, 25.735903, 25.625678, 26.093842, 26.902490, 28.634398, 29.284769, 31.018351, 32.252349, 33.518946, 33.975057},
	} {
		m := forecast.NewOnline(12, forecast.Multiplicative, 0.3, 0.1, 0.6)
		sums, n := make([]float64, 12), 0.0
		for i, v := range y {
			m.Learn(v)
			f := m.Forecast(12)
			if f == nil || i+12+late >= len(y) {
				continue
			}
			n++
			for h := range f {
				sums[h] += math.Abs(f[h] - y[i+1+h+late])
			}
		}
		for h := range sums {
			require.InDelta(t, want[h], sums[h]/n, 5e-7, "late %d, horizon %d, n %v", late, h+1, n)
		}
	}
}

func TestOnlinePromises(t *testing.T) {
	for _, build := range []func() *forecast.Online{
		func() *forecast.Online { return forecast.NewOnline(1, forecast.None, 0.3, 0.1, 0) },
		func() *forecast.Online { return forecast.NewOnline(7, forecast.Additive, 0.3, 0.1, 0.2) },
		func() *forecast.Online { return forecast.NewOnline(4, forecast.Multiplicative, 1, 1, 1) },
	} {
		miningtest.Check(t, miningtest.Model[*forecast.Online]{
			New:        build,
			Learn:      func(m *forecast.Online, x mining.Vector, _ float64) { m.Learn(10 + x.At(0)) },
			Answer:     func(m *forecast.Online, x mining.Vector, to []float64) []float64 { return append(to, m.Forecast(3)...) },
			Features:   1,
			Bytes:      400,
			Unlabelled: true,
		})
	}
	m := forecast.NewOnline(1, forecast.None, 0.5, 0, 0)
	require.Nil(t, m.Forecast(1))
	for _, v := range []float64{1, math.NaN(), 3} {
		m.Learn(v)
	}
	require.EqualValues(t, 2, m.Len())
	require.Equal(t, []float64{4, 6}, m.Forecast(2))
	m.Learn(math.NaN()) // as if it had been 4
	require.Equal(t, []float64{6, 8}, m.Forecast(2))
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Learn(7) }))
	for _, f := range []func(){
		func() { forecast.NewOnline(1, forecast.Additive, 0, 0, 0) }, func() { forecast.NewOnline(2, forecast.None, 0, 0, 0) },
		func() { forecast.NewOnline(1, forecast.None, 2, 0, 0) }, func() { forecast.NewOnline(1, forecast.None, math.NaN(), 0, 0) },
	} {
		require.Panics(t, f)
	}
}

func ExampleOnline() {
	m := forecast.NewOnline(4, forecast.Multiplicative, 0.3, 0.1, 0.3)
	for _, v := range orders {
		m.Learn(v)
	}
	fmt.Printf("%.0f\n", m.Forecast(4))
	// Output: [37 46 44 85]
}
