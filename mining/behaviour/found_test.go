package behaviour_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/behaviour"
)

// The median of 1, ..., n is the first time at which half are gone, whatever the product of the steps rounds to.
func TestMedianOfAll(t *testing.T) {
	for n := 2; n <= 300; n += 2 {
		var all []behaviour.Lifetime
		for i := range n {
			all = append(all, behaviour.Lifetime{Time: float64(i + 1), Happened: true})
		}
		require.Equal(t, float64(n/2), behaviour.Median(behaviour.KaplanMeier(all, 0.9)))
	}
}

func TestGammaGammaWithoutMean(t *testing.T) {
	m := behaviour.GammaGamma{P: 0.5, Q: 0.3, V: 10}
	require.True(t, math.IsNaN(m.Value(behaviour.History{Repeats: 1, Last: 1, Age: 2, Value: 20})))
	require.Positive(t, m.Value(behaviour.History{Repeats: 9, Last: 1, Age: 2, Value: 20}))
}

func TestBGNBDAtOne(t *testing.T) {
	h := behaviour.History{Repeats: 2, Last: 30.43, Age: 38.86}
	at := func(a float64) float64 {
		m := behaviour.BGNBD{R: 0.243, Alpha: 4.414, A: a, B: 2.426}
		return m.Orders(h, 39)
	}
	for _, a := range []float64{1, 1 - 1e-9, 1 + 1e-12, 1 + 1e-7} {
		require.InEpsilon(t, at(1.0001), at(a), 1e-3, "%v", a)
		require.InEpsilon(t, (at(0.99999)+at(1.00001))/2, at(a), 1e-6, "%v", a)
	}
}

// Of a robot the last 10,000 steps count, in one part or several.
func TestTakenInParts(t *testing.T) {
	f := behaviour.NewFunnel(1000*time.Hour, "a", "b")
	var whole, first, second behaviour.Taken
	for i := range 25_000 {
		step := 1
		if i < 10_000 {
			step = 0
		}
		at := day.Add(time.Duration(i) * time.Second)
		whole.Add(at, step)
		if i%2 == 0 {
			first.Add(at, step)
		} else {
			second.Add(at, step)
		}
	}
	first.Merge(second)
	require.Empty(t, f.Follow(whole))
	require.Empty(t, f.Follow(first))
}

func TestOtherPeriods(t *testing.T) {
	months, weeks := behaviour.NewRetention[int](behaviour.Months(time.UTC)), behaviour.NewRetention[int](behaviour.Weeks(time.UTC))
	weeks.Add(1, day)
	require.Panics(t, func() { months.Merge(weeks) })
	b, err := weeks.AppendBinary(nil)
	require.NoError(t, err)
	require.ErrorContains(t, months.UnmarshalBinary(b), "it is of weeks of UTC, not of months of UTC")
}
