package drift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/drift"
)

// TestRangeHoldsThePromise: of values that are not between 0 and 1 the promise holds in the range that is told.
func TestRangeHoldsThePromise(t *testing.T) {
	const length, every, most = 5000, 32, 0.002
	streams := 60
	if underRace {
		streams = 10
	}
	for _, x := range []struct {
		name      string
		low, high float64
		draw      func(r *rand.Rand) float64
	}{
		{"rare and great", 0, 1000, func(r *rand.Rand) float64 { return 1000 * drift.Bit(r.Float64() < 0.001) }},
		{"lognormal", 0, 100, func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()) }},
		{"lognormal, clamped", 0, 10, func(r *rand.Rand) float64 { return math.Exp(2 * r.NormFloat64()) }},
	} {
		alarms := func(opts ...drift.Option) (n float64) {
			for s := range streams {
				d, r := drift.NewADWIN(opts...), rand.New(rand.NewPCG(uint64(s), 6))
				for range length {
					n += drift.Bit(d.Add(x.draw(r)))
				}
			}
			return n
		}
		looks := float64(streams * (length / every))
		ranged := alarms(drift.Range(x.low, x.high))
		t.Logf("%s: %.0f alarms of %.0f looks in the range, %.0f without", x.name, ranged, looks, alarms())
		assert.LessOrEqual(t, ranged/looks, most, x.name)
	}
}

// TestRangeIsAUnit: what is detected, and where, does not depend on the unit, and figures are in that of the values.
func TestRangeIsAUnit(t *testing.T) {
	a, b := drift.NewADWIN(), drift.NewADWIN(drift.Range(-1000, 3096))
	r := rand.New(rand.NewPCG(1, 1))
	require.Zero(t, b.Mean())
	for i := range 4000 {
		x := drift.Bit(r.Float64() < 0.2)
		if i >= 2000 {
			x = drift.Bit(r.Float64() < 0.6)
		}
		y := -1000 + 4096*x
		if i%7 == 0 {
			y += 1e300 * (x - 0.5) // beyond the range, and so its end
		}
		require.Equal(t, a.Add(x), b.Add(y), "%d", i)
		require.InDelta(t, -1000+4096*a.Mean(), b.Mean(), 1e-9)
		require.InDelta(t, 4096*4096*a.Variance(), b.Variance(), 1e-5)
		if i%1000 == 999 { // saved with its range
			saved, err := b.AppendBinary(nil)
			require.NoError(t, err)
			b = drift.NewADWIN()
			require.NoError(t, b.UnmarshalBinary(saved))
		}
	}
	require.Positive(t, a.Detections())
	check(t, func() *drift.ADWIN { return drift.NewADWIN(drift.Clock(4), drift.Range(-3, 3)) }, func(a *drift.ADWIN) []float64 {
		return []float64{a.Mean(), a.Variance(), float64(a.Width())}
	})
	for _, bad := range [][2]float64{{1, 1}, {2, 1}, {0, math.NaN()}, {math.Inf(-1), 0}, {-1e308, 1e308}} {
		require.Panics(t, func() { drift.NewADWIN(drift.Range(bad[0], bad[1])) }, "%v", bad)
	}
	require.Panics(t, func() { drift.NewDDM(drift.Range(0, 1)) })
	require.True(t, mining.Known(b.Mean()))
}

func ExampleRange() {
	amounts := drift.NewADWIN(drift.Range(0, 500)) // of orders
	for i := range 2000 {
		amount := float64(40 + i%20)
		if i >= 1000 {
			amount += 100
		}
		if amounts.Add(amount) {
			fmt.Printf("after %d orders: now %.0f\n", i+1, amounts.Mean())
		}
	}
	// Output: after 1056 orders: now 75
}
