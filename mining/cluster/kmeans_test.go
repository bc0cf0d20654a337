package cluster_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/cluster"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// blobs are events around centers at a distance of 10 from each other.
func blobs(n, k int, seed uint64) *mining.Table {
	random := rand.New(rand.NewPCG(seed, 1))
	t := new(mining.Table)
	for i := range n {
		c := float64(i % k)
		t.Add(mining.Dense(10*c+random.NormFloat64(), 10*c-random.NormFloat64(), random.NormFloat64()), 0)
	}
	return t
}

// inertia is by the definition: the mean of each group is its center.
func inertia(t *mining.Table, of []int, k int) (sum float64) {
	for g := range k {
		var members []mining.Vector
		for i, x := range t.X {
			if of[i] == g {
				members = append(members, x)
			}
		}
		for f := range t.Features() {
			mean := 0.0
			for _, x := range members {
				mean += x.At(f) / float64(len(members))
			}
			for _, x := range members {
				sum += (x.At(f) - mean) * (x.At(f) - mean)
			}
		}
	}
	return sum
}

func assigned(t *mining.Table, assign func(mining.Vector) int) (of []int) {
	for _, x := range t.X {
		of = append(of, assign(x))
	}
	return of
}

func TestKMeans(t *testing.T) {
	table := blobs(400, 4, 1)
	for _, opts := range [][]cluster.Option{nil, {cluster.Seed(7)}, {cluster.Restarts(1), cluster.Seed(3), cluster.Tolerance(1e-9)}} {
		m := cluster.NewKMeans(4, 3, opts...)
		require.Equal(t, -1, m.Assign(mining.Dense(1, 2, 3)))
		require.Nil(t, m.Centers())
		require.NoError(t, m.Fit(table))
		of := assigned(table, m.Assign)
		for i, g := range of {
			require.Equal(t, of[i%4], g, "the blobs are far apart")
		}
		require.Equal(t, []int{100, 100, 100, 100}, m.Sizes())
		require.InEpsilon(t, inertia(table, of, 4), m.Inertia(), 1e-9)
		again := cluster.NewKMeans(4, 3, opts...)
		require.NoError(t, again.Fit(table))
		require.Equal(t, m.Centers(), again.Centers())
	}
	mini := cluster.NewKMeans(4, 3, cluster.MiniBatch(50), cluster.Rounds(100))
	require.NoError(t, mini.Fit(table))
	whole := cluster.NewKMeans(4, 3)
	require.NoError(t, whole.Fit(table))
	require.Less(t, mini.Inertia(), 1.05*whole.Inertia())
}

// One group is the mean, and as many groups as events have no inertia.
func TestKMeansEdges(t *testing.T) {
	table := new(mining.Table)
	for _, v := range []float64{1, 2, 6, 6} {
		table.Add(mining.Dense(v), 0)
	}
	one := cluster.NewKMeans(1, 1)
	require.NoError(t, one.Fit(table))
	require.Equal(t, [][]float64{{3.75}}, one.Centers())
	three := cluster.NewKMeans(3, 1)
	require.NoError(t, three.Fit(table))
	require.Zero(t, three.Inertia())
	require.Equal(t, []int{2, 1, 1}, three.Sizes())
	group, d := three.Distance(mining.Dense(9))
	require.Equal(t, 0, group)
	require.Equal(t, 3.0, d)

	before, err := three.AppendBinary(nil)
	require.NoError(t, err)
	require.ErrorContains(t, cluster.NewKMeans(4, 1).Fit(table), "4 groups of 3 different events")
	require.ErrorContains(t, three.Fit(new(mining.Table)), "the table is empty")
	wide := new(mining.Table)
	wide.Add(mining.Dense(1, 2), 0)
	require.ErrorContains(t, three.Fit(wide), "the table has 2 features, and the model 1")
	after, err := three.AppendBinary(nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "an error leaves the model as it was")

	// A weight of 3 is three events.
	weighted, thrice := table.Select([]int{0, 1, 2}), table.Select([]int{0, 1, 1, 1, 2})
	weighted.Weight = []float64{1, 3, 1}
	a, b := cluster.NewKMeans(2, 1), cluster.NewKMeans(2, 1)
	require.NoError(t, a.Fit(weighted))
	require.NoError(t, b.Fit(thrice))
	require.InDelta(t, b.Inertia(), a.Inertia(), 1e-12)
	require.InDelta(t, 0.75, a.Inertia(), 1e-12)
}

func TestKMeansStrange(t *testing.T) {
	table := blobs(100, 2, 2)
	random := rand.New(rand.NewPCG(1, 1))
	for i, v := range []float64{mining.Missing, math.Inf(1), math.Inf(-1), math.MaxFloat64, -1e300, 1e200} {
		table.X[10*i].Value[random.IntN(3)] = v
	}
	table.X[99] = mining.Dense(mining.Missing, mining.Missing, mining.Missing)
	m := cluster.NewKMeans(5, 3)
	require.NoError(t, m.Fit(table))
	require.False(t, math.IsNaN(m.Inertia()))
	for _, c := range m.Centers() {
		for _, v := range c {
			require.True(t, mining.Known(v))
		}
	}
	require.GreaterOrEqual(t, m.Assign(table.X[99]), 0)
	require.Panics(t, func() { m.Assign(mining.Dense(1, 2, 3, 4)) })
}

func TestKMeansSaved(t *testing.T) {
	m := cluster.NewKMeans(3, 3, cluster.Seed(5), cluster.Rounds(20))
	table := blobs(90, 3, 3)
	for range 2 {
		b, err := m.AppendBinary(nil)
		require.NoError(t, err)
		restored := new(cluster.KMeans)
		for n := range b {
			require.Error(t, restored.UnmarshalBinary(b[:n]))
		}
		require.NoError(t, restored.UnmarshalBinary(b))
		require.Equal(t, m, restored)
		require.NoError(t, m.Fit(table))
		require.NoError(t, restored.Fit(table))
		require.Equal(t, m, restored)
	}
}

func streaming(opts ...cluster.Option) miningtest.Model[*cluster.Streaming] {
	return miningtest.Model[*cluster.Streaming]{
		New:   func() *cluster.Streaming { return cluster.NewStreaming(3, 4, opts...) },
		Learn: func(m *cluster.Streaming, x mining.Vector, _ float64) { m.Learn(x) },
		Answer: func(m *cluster.Streaming, x mining.Vector, to []float64) []float64 {
			return append(to, float64(m.Assign(x)))
		},
		Features:   4,
		Sparse:     true,
		Bytes:      8 << 10,
		Unlabelled: true,
	}
}

func TestStreamingPromises(t *testing.T) {
	miningtest.Check(t, streaming())
	miningtest.Check(t, streaming(cluster.HalfLife(50), cluster.Seed(3)))
}

// Groups that move are followed, and one that nobody comes to any more takes over half of another.
func TestStreamingFollows(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	m := cluster.NewStreaming(2, 1, cluster.HalfLife(50))
	for i := range 4000 {
		drift := float64(i) / 100
		m.Learn(mining.Dense(drift + 20*float64(i%2) + random.NormFloat64()))
	}
	low, high := m.Centers()[0][0], m.Centers()[1][0]
	low, high = min(low, high), max(low, high)
	require.InDelta(t, 40, low, 2)
	require.InDelta(t, 60, high, 2)
	for range 5000 {
		m.Learn(mining.Dense(1000 + 5*float64(random.IntN(2)) + 0.1*random.NormFloat64()))
	}
	low, high = m.Centers()[0][0], m.Centers()[1][0]
	low, high = min(low, high), max(low, high)
	require.InDelta(t, 1000, low, 0.5)
	require.InDelta(t, 1005, high, 0.5)
}

// Without a half-life a center is the mean of the events that it has had.
func TestStreamingMean(t *testing.T) {
	m := cluster.NewStreaming(1, 2)
	random := rand.New(rand.NewPCG(7, 7))
	var sum [2]float64
	for range 1000 {
		x := mining.Dense(random.NormFloat64(), random.ExpFloat64())
		sum[0] += x.At(0)
		sum[1] += x.At(1)
		m.Learn(x)
	}
	require.InDelta(t, sum[0]/1000, m.Centers()[0][0], 1e-12)
	require.InDelta(t, sum[1]/1000, m.Centers()[0][1], 1e-12)
	require.Equal(t, []float64{1000}, m.Weights())
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Learn(mining.Dense(1, 2)) }))
}

func TestMistakes(t *testing.T) {
	for _, f := range []func(){
		func() { cluster.NewKMeans(0, 1) }, func() { cluster.NewKMeans(1, 0) }, func() { cluster.NewStreaming(0, 1) }, func() { cluster.NewStreaming(1, 0) },
		func() { cluster.Restarts(0) }, func() { cluster.Rounds(0) }, func() { cluster.Tolerance(math.NaN()) }, func() { cluster.MiniBatch(0) },
		func() { cluster.HalfLife(-1) }, func() { cluster.DBSCAN(new(mining.Table), 0, 1) }, func() { cluster.DBSCAN(new(mining.Table), 1, 0) },
		func() { cluster.Describe(new(mining.Table), []int{1}) }, func() { cluster.PurchasesOf[int](nil, nil) },
	} {
		require.Panics(t, f)
	}
}

func TestKMeansPromises(t *testing.T) {
	for name, opts := range map[string][]cluster.Option{"Lloyd": nil, "MiniBatch": {cluster.MiniBatch(50), cluster.Rounds(60)}} {
		t.Run(name, func(t *testing.T) {
			miningtest.Check(t, miningtest.Model[*cluster.KMeans]{
				New: func() *cluster.KMeans {
					return cluster.NewKMeans(3, 4, append([]cluster.Option{cluster.Restarts(2), cluster.Seed(5)}, opts...)...)
				},
				Fit: func(m *cluster.KMeans, table *mining.Table) error { return m.Fit(table) },
				Answer: func(m *cluster.KMeans, x mining.Vector, to []float64) []float64 {
					group, d := m.Distance(x)
					return append(to, float64(group), d)
				},
				Features:   4,
				Unlabelled: true,
			})
		})
	}
}
