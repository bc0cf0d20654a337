package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/stats"
)

// TestClassesThatAreNot: a class that is not there is named.
func TestClassesThatAreNot(t *testing.T) {
	e := stats.NewFadedEntropy(2, 10)
	require.PanicsWithValue(t, "stats: FadedEntropy.Add: there is no class 2 of 2", func() { e.Add(2) })
	require.PanicsWithValue(t, "stats: FadedEntropy.Share: there is no class -1 of 2", func() { e.Share(-1) })
}

// TestPowersBeyondFloat64: a figure is right or NaN, never finite and wrong, whatever the unit of values and of weights.
func TestPowersBeyondFloat64(t *testing.T) {
	want := stats.Of(1, 2, 5)
	var told, kurtosis [2]int // of small units and of great ones
	for e := -160; e <= 160; e++ {
		unit, side := math.Pow(10, float64(e)), 0
		if e > 0 {
			side = 1
		}
		var merged stats.Summary
		for _, v := range []float64{1, 2, 5} {
			one := stats.Of(v * unit)
			merged.Merge(one)
		}
		for _, s := range []stats.Summary{stats.Of(unit, 2*unit, 5*unit), merged} {
			if v := s.Skewness(); !math.IsNaN(v) {
				told[side]++
				require.InDelta(t, want.Skewness(), v, 1e-9, "%v", unit)
			}
			if v := s.Kurtosis(); !math.IsNaN(v) {
				kurtosis[side]++
				require.InDelta(t, want.Kurtosis(), v, 1e-9, "%v", unit)
			}
		}
		symmetric := stats.Of(-unit, 0, unit)
		if v := symmetric.Skewness(); !math.IsNaN(v) {
			require.InDelta(t, 0, v, 1e-9)
		}
	}
	for side := range 2 { // and it is told as far as its documentation says
		require.GreaterOrEqual(t, told[side], 2*97)
		require.GreaterOrEqual(t, kurtosis[side], 2*73)
	}

	weighed := 0
	for e := -200; e <= 200; e++ {
		var s stats.Summary
		for _, v := range []float64{1, 2, 5} {
			s.AddWeighted(v, math.Pow(10, float64(e)))
		}
		if v := s.SampleVariance(); !math.IsNaN(v) {
			weighed++
			require.InDelta(t, want.SampleVariance(), v, 1e-9, "weights of 1e%d", e)
		}
	}
	require.GreaterOrEqual(t, weighed, 145+153)
	tenth := stats.Of(1e-100, 2e-100, 5e-100)
	require.True(t, math.IsNaN(tenth.Kurtosis()))
}
