package tune_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/tune"
)

// TestFalseSwitches simulates challengers that are no better, looked at after every event: no more than alpha of them take over.
func TestFalseSwitches(t *testing.T) {
	const events, alpha = 3000, 0.05
	rounds := 2000
	if underRace {
		rounds = 200
	}
	random := rand.New(rand.NewPCG(1, 0))
	b2f := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	for name, losses := range map[string]func(i int) (float64, float64){
		"equals":            func(int) (float64, float64) { return b2f(random.IntN(5) == 0), b2f(random.IntN(5) == 0) },
		"equals, rare":      func(int) (float64, float64) { return b2f(random.IntN(100) == 0), b2f(random.IntN(100) == 0) },
		"the same answers":  func(int) (float64, float64) { l := b2f(random.IntN(5) == 0); return l, l },
		"a little worse":    func(int) (float64, float64) { return b2f(random.IntN(10) < 2), b2f(random.IntN(100) < 22) },
		"skewed, same mean": func(int) (float64, float64) { return 0.1, b2f(random.IntN(10) == 0) },
		"skewed other way":  func(int) (float64, float64) { return b2f(random.IntN(10) == 0), 0.1 },
		"drifting, as equal": func(i int) (float64, float64) {
			r := 2 + 3*(i/500%2)
			return b2f(random.IntN(r) == 0), b2f(random.IntN(r) == 0)
		},
		"unbounded, cut": func(int) (float64, float64) { return random.ExpFloat64(), random.ExpFloat64() },
	} {
		*random = *rand.New(rand.NewPCG(1, 0))
		switched := 0
		for range rounds {
			test := tune.NewTest(alpha, 1)
			for i := range events {
				if test.Add(losses(i)) {
					switched++
					break
				}
			}
		}
		share := float64(switched) / float64(rounds)
		t.Logf("%-20s %.4f of %d", name, share, rounds)
		require.LessOrEqual(t, share, alpha+3*math.Sqrt(alpha*(1-alpha)/float64(rounds)), name)
	}
}

// TestTrueSwitches: a challenger that is better takes over, and the sooner the better it is.
func TestTrueSwitches(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 0))
	before := math.Inf(1)
	for _, errs := range []float64{0.17, 0.15, 0.1, 0.02} {
		const rounds = 200
		took, switched := 0.0, 0
		for range rounds {
			d := tune.NewDuel(0.2, 0.01, 1)
			d.Challenge(errs)
			for i := range 40000 {
				if d.Event(func(p float64) float64 {
					if random.Float64() < p {
						return 1
					}
					return 0
				}) {
					took += float64(i+1) / rounds
					switched++
					require.Equal(t, errs, d.Champion())
					require.Equal(t, 1, d.Switches())
					_, standing := d.Challenger()
					require.False(t, standing)
					break
				}
			}
		}
		t.Logf("errors of %.2f against 0.20: %d of %d took over, after %.0f events on average", errs, switched, rounds, took)
		require.Equal(t, rounds, switched)
		require.Less(t, took, before)
		before = took
	}
}

func TestTest(t *testing.T) {
	test := tune.NewTest(0.01, 2)
	require.True(t, math.IsNaN(test.Gain()))
	require.Equal(t, 1.0, test.P())
	test.Add(math.NaN(), 1)
	require.Zero(t, test.Events())
	random := rand.New(rand.NewPCG(3, 0))
	for i := range 500 {
		test.Add(2*random.Float64(), random.Float64())
		if i%50 == 0 { // what was saved goes on bit for bit
			b, err := test.AppendBinary(nil)
			require.NoError(t, err)
			other := tune.NewTest(0.5, 1)
			require.NoError(t, other.UnmarshalBinary(b))
			require.Equal(t, test, other)
			for n := range b {
				broken := append([]byte(nil), b...)
				broken[n] ^= 1
				require.Error(t, other.UnmarshalBinary(broken))
			}
			test = other
		}
	}
	require.True(t, test.Better())
	require.InDelta(t, 0.5, test.Gain(), 0.1)
	require.Less(t, test.P(), 0.01)
	test.Add(0, 5)
	test.Add(-7, math.Inf(1))
	require.True(t, test.Better(), "once it is, it stays so")
	require.Zero(t, testing.AllocsPerRun(100, func() { test.Add(1, 0) }))

	d := tune.NewDuel("old", 0.01, 1)
	require.False(t, d.Event(func(m string) float64 { require.Equal(t, "old", m); return 1 }))
	d.Challenge("new")
	m, standing := d.Challenger()
	require.Equal(t, "new", m)
	require.True(t, standing)
	require.Equal(t, uint64(0), d.Test().Events())
}
