package behaviour_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/behaviour"
	"github.com/freshet-go/freshet/window/windowtest"
)

var day = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// plainly returns how far a user got, by trying all ways.
func plainly(steps []behaviour.Step, within time.Duration, n int) (best int) {
	sorted := slices.Clone(steps)
	slices.SortFunc(sorted, func(a, b behaviour.Step) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.Step - b.Step
	})
	var try func(from, next int, begun time.Time)
	try = func(from, next int, begun time.Time) {
		best = max(best, next)
		if next == n {
			return
		}
		for i := from; i < len(sorted); i++ {
			if s := sorted[i]; s.Step == next && (next == 0 || s.At.Sub(begun) <= within) {
				start := begun
				if next == 0 {
					start = s.At
				}
				try(i+1, next+1, start)
			}
		}
	}
	try(0, 0, time.Time{})
	return best
}

func FuzzFunnel(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2, 2, 3}, uint8(5))
	f.Add([]byte{1, 0, 0, 0, 9, 1, 10, 2, 11, 3, 9, 2}, uint8(3))
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, within uint8) {
		if len(data) > 40 {
			return
		}
		var taken behaviour.Taken
		for i := 0; i+1 < len(data); i += 2 {
			taken.Add(day.Add(time.Duration(data[i]%32)*time.Second), int(data[i+1]%5)) // step 4 is beyond
		}
		funnel := behaviour.NewFunnel(time.Duration(within%20+1)*time.Second, "a", "b", "c", "d")
		way := funnel.Follow(taken)
		require.Len(t, way, plainly(taken.Steps, time.Duration(within%20+1)*time.Second, 4))
		require.True(t, slices.IsSortedFunc(way, time.Time.Compare))
		if len(way) > 0 {
			require.LessOrEqual(t, way[len(way)-1].Sub(way[0]), time.Duration(within%20+1)*time.Second)
		}
	})
}

func ExampleFunnel() {
	funnel := behaviour.NewFunnel(time.Hour, "seen", "in the cart", "paid")
	var ann, bob, eve behaviour.Taken
	ann.Add(day, 0)
	ann.Add(day.Add(2*time.Minute), 1)
	ann.Add(day.Add(5*time.Minute), 2)
	bob.Add(day, 0)
	bob.Add(day.Add(4*time.Minute), 1)
	bob.Add(day.Add(2*time.Hour), 2) // too late
	eve.Add(day, 0)
	fmt.Print(funnel.Report([]behaviour.Taken{ann, bob, eve}))
	// Output:
	// seen                    3  100.0 % of all
	// in the cart             2   66.7 % of all   66.7 % of those before, after 3m0s
	// paid                    1   33.3 % of all   50.0 % of those before, after 3m0s
}

func TestTakenOf(t *testing.T) {
	type hit struct {
		at   time.Time
		step int
	}
	agg := behaviour.TakenOf(func(h hit) time.Time { return h.at }, func(h hit) int { return h.step })
	windowtest.Laws(t, agg, []hit{{day, 0}, {day, 1}, {day.Add(time.Second), 0}, {day, -1}, {time.Unix(-9, 0), 3}}, func(a, b behaviour.Taken) bool {
		return slices.Equal(a.Steps, b.Steps)
	})
	var robot behaviour.Taken
	for i := range 50_000 {
		robot.Add(day.Add(time.Duration(i)*time.Second), 0)
	}
	require.LessOrEqual(t, len(robot.Steps), 20_000)
	require.Equal(t, day.Add(49_999*time.Second), robot.Steps[len(robot.Steps)-1].At)
}

func TestFunnelOfNobody(t *testing.T) {
	r := behaviour.NewFunnel(time.Hour, "a", "b").Report(nil)
	require.Zero(t, r.Steps[1].Users)
	require.True(t, math.IsNaN(r.Steps[0].OfFirst))
	require.True(t, math.IsNaN(r.Steps[1].OfBefore))
	for _, f := range []func(){
		func() { behaviour.NewFunnel(0, "a", "b") }, func() { behaviour.NewFunnel(time.Hour, "a") }, func() { behaviour.TakenOf[int](nil, nil) },
		func() { behaviour.Sessions([]int{1}, nil, 0) }, func() { behaviour.PeriodOf("", nil, nil) }, func() { behaviour.NewRetention[int](behaviour.Period{}) },
		func() { behaviour.AttributeByTime([]behaviour.Journey[int]{}, 0) }, func() { behaviour.KaplanMeier(nil, 1) },
		func() { behaviour.KaplanMeier([]behaviour.Lifetime{{Time: -1}}, 0.5) }, func() { new(behaviour.Cox).Risk([]float64{1}) },
		func() { new(behaviour.BGNBD).Orders(behaviour.History{}, -1) },
	} {
		require.Panics(t, f)
	}
}
