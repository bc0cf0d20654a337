package neighbors_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/neighbors"
)

func TestPromises(t *testing.T) {
	for _, by := range []neighbors.Metric{neighbors.Euclidean, neighbors.Manhattan, neighbors.Cosine} {
		for _, opts := range [][]neighbors.Option{{neighbors.By(by)}, {neighbors.By(by), neighbors.Nearer()}} {
			c := miningtest.Classifier(3, func() *neighbors.Classifier { return neighbors.NewClassifier(3, 2, 5, 100, opts...) })
			c.Sparse, c.Events = true, 500
			miningtest.Check(t, c)
			r := miningtest.Regressor(3, func() *neighbors.Regressor { return neighbors.NewRegressor(3, 5, 100, opts...) })
			r.Sparse, r.Events = true, 500
			miningtest.Check(t, r)
		}
	}
}

// TestTies: of equally far events the newer ones are nearer.
func TestTies(t *testing.T) {
	m := neighbors.NewRegressor(1, 2, 4)
	require.Zero(t, m.Predict(mining.Dense(1)))
	for i, v := range []float64{1, -1, 1, -1, 1, -1} { // the last four are 2, 3, 4, 5
		m.Learn(mining.Dense(v), float64(i))
		if i == 0 {
			require.Zero(t, m.Predict(mining.Dense(0)))
		}
	}
	require.Equal(t, 4.5, m.Predict(mining.Dense(0)))
	c := neighbors.NewClassifier(1, 3, 2, 4)
	require.Equal(t, []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}, c.Probabilities(mining.Dense(0), nil))
	c.Learn(mining.Dense(1), 2)
	require.Equal(t, []float64{0, 0, 1}, c.Probabilities(mining.Dense(0), nil))
	c.Learn(mining.Dense(1), 1)
	require.Equal(t, []float64{0, 0.5, 0.5}, c.Probabilities(mining.Dense(0), nil))
	c.Learn(mining.Dense(1), 0) // forgets class 2, as the farthest of its like
	require.Equal(t, []float64{0.5, 0.5, 0}, c.Probabilities(mining.Dense(0), nil))
	require.Panics(t, func() { c.Learn(mining.Dense(1), 3) })
	require.Panics(t, func() { c.Learn(mining.Dense(1, 2), 1) })
	require.Panics(t, func() { neighbors.NewClassifier(1, 2, 5, 4) })
	require.Panics(t, func() { neighbors.NewClassifier(1, 1, 1, 4) })
	require.Panics(t, func() { neighbors.By(3) })
}

// TestNearer: at a distance of 0, and beside it.
func TestNearer(t *testing.T) {
	m := neighbors.NewRegressor(1, 3, 9, neighbors.Nearer())
	m.Learn(mining.Dense(0), 1)
	m.Learn(mining.Dense(0), 2)
	m.Learn(mining.Dense(1), 30)
	require.Equal(t, 1.5, m.Predict(mining.Dense(0)))
	require.InDelta(t, (30/0.25+1/0.75+2/0.75)/(1/0.25+2/0.75), m.Predict(mining.Dense(0.75)), 1e-12)
}

// FuzzNeighbors holds the search to sorting all of the window.
func FuzzNeighbors(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(10), uint8(20))
	f.Add(uint64(2), uint8(1), uint8(1), uint8(3))
	f.Add(uint64(3), uint8(5), uint8(5), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, k, most, n uint8) {
		if k == 0 || most < k {
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		type kept struct{ a, b, y float64 }
		var all []kept
		m := neighbors.NewRegressor(2, int(k), int(most), neighbors.By(neighbors.Manhattan))
		draw := func() float64 {
			if random.IntN(6) == 0 {
				return math.NaN()
			}
			return float64(random.IntN(5))
		}
		for i := range int(n) {
			e := kept{draw(), draw(), float64(i * i)}
			m.Learn(mining.Dense(e.a, e.b), e.y)
			all = append([]kept{e}, all...)
			all = all[:min(len(all), int(most))]
			a, b := draw(), draw()
			distance := func(e kept) float64 {
				da, db := math.Abs(e.a-a), math.Abs(e.b-b)
				switch {
				case math.IsNaN(da) && math.IsNaN(db):
					return math.MaxFloat64
				case math.IsNaN(da):
					return 2 * db
				case math.IsNaN(db):
					return 2 * da
				}
				return da + db
			}
			sorted := slices.Clone(all)
			slices.SortStableFunc(sorted, func(a, b kept) int {
				switch da, db := distance(a), distance(b); {
				case da < db:
					return -1
				case da > db:
					return 1
				}
				return 0
			})
			sum := 0.0
			sorted = sorted[:min(len(sorted), int(k))]
			for _, e := range sorted {
				sum += e.y
			}
			if got, want := m.Predict(mining.Dense(a, b)), sum/float64(len(sorted)); math.Abs(got-want) > 1e-9*max(1, want) {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	})
}

// TestAllocations: events cost none once the window is full.
func TestAllocations(t *testing.T) {
	c, r := neighbors.NewClassifier(2, 2, 3, 10), neighbors.NewRegressor(2, 3, 10)
	p := make([]float64, 2)
	run := func() {
		for i := range 20 {
			x := mining.Vector{Value: p}
			p = c.Probabilities(x, p)
			c.Learn(x, float64(i%2))
			r.Predict(x)
			r.Learn(x, 1)
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 && !underRace {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPredict(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, window := range []int{100, 1000} {
		b.Run(fmt.Sprintf("window=%d", window), func(b *testing.B) {
			m := neighbors.NewRegressor(6, 5, window)
			x := make([]float64, 6)
			for range window {
				for p := range x {
					x[p] = random.NormFloat64()
				}
				m.Learn(mining.Dense(x...), 1)
			}
			b.ReportAllocs()
			for b.Loop() {
				m.Predict(mining.Dense(x...))
				m.Learn(mining.Dense(x...), 1)
			}
		})
	}
}
