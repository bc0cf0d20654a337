package forecast_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
)

func ExampleConformal() {
	m := forecast.NewConformal(func() forecast.Model { return forecast.NewSeasonalNaive(4) }, 4, 2)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	low, high := m.Interval(2, 0.8)
	for h, v := range m.Forecast(2) {
		fmt.Printf("%.0f, between %.0f and %.0f\n", v, low[h], high[h])
	}
	// Output:
	// 28, between 18 and 38
	// 34, between 24 and 44
}

// TestConformal holds intervals to what they say on series that nobody has fitted them to: those of the M3.
func TestConformal(t *testing.T) {
	all := competition(t)
	step := 5
	if raced {
		step = 100
	}
	if *coverage {
		step = 1
	}
	held, n := map[float64]float64{}, 0.0
	for i := 0; i < len(all); i += step {
		s := all[i]
		m := forecast.NewConformal(func() forecast.Model { return forecast.NewTheta(s.frequency) }, 20, len(s.test))
		require.NoError(t, m.Fit(s.train), s.id)
		n += float64(len(s.test))
		for _, level := range []float64{0.8, 0.95} {
			low, high := m.Interval(len(s.test), level)
			for h, v := range s.test {
				if low[h] <= v && v <= high[h] {
					held[level]++
				}
			}
		}
	}
	for _, level := range []float64{0.8, 0.95} {
		t.Logf("%.1f %% of %.0f values within %v", 100*held[level]/n, n, level)
		if !raced {
			require.InDelta(t, level, held[level]/n, 0.03)
		}
	}
}

func TestConformalEdges(t *testing.T) {
	naive := func() forecast.Model { return forecast.NewNaive() }
	m := forecast.NewConformal(naive, 3, 4)
	require.Panics(t, func() { m.Forecast(1) })
	require.ErrorIs(t, m.Fit([]float64{1, 2, 3, 4}), forecast.ErrShort)
	require.NoError(t, m.Fit([]float64{1, 2, 3, 4, 5, 6, 7, 8}))
	low, high := m.Interval(2, 0.99)
	require.Equal(t, []float64{8, 8}, m.Forecast(2))
	require.True(t, low[0] < 8 && high[1] > 8)
	require.NoError(t, m.Fit([]float64{5, 5, 5, 5, 5, 5, 5, 5}))
	low, high = m.Interval(2, 0.5)
	require.Equal(t, low, high, "nothing was ever wrong")
	require.Error(t, m.Fit([]float64{1, math.NaN(), 1, 1, 1, 1, 1}))
	require.Len(t, m.Residuals(), 8)
	for _, f := range []func(){
		func() { forecast.NewConformal(nil, 1, 1) }, func() { forecast.NewConformal(naive, 0, 1) }, func() { forecast.NewConformal(naive, 1, 0) },
		func() { m.Interval(1, 0) },
	} {
		require.Panics(t, f)
	}
}
