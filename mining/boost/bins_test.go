package boost_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/boost"
)

// TestEdges: bins have as many events each, also where a sample chooses them.
func TestEdges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	column := make([]float64, 500_000)
	for i := range column {
		column[i] = random.Float64()
		if i%10 == 0 {
			column[i] = math.NaN()
		}
	}
	for _, n := range []int{1000, len(column)} {
		edges := boost.Edges(column[:n], 255)
		require.Len(t, edges, 254)
		for i, e := range edges {
			require.InDelta(t, float64(i+1)/255, e, 2/math.Sqrt(float64(min(n, 200_000))))
		}
	}
	require.Empty(t, boost.Edges([]float64{3, 3, math.NaN()}, 255))
	require.Empty(t, boost.Edges([]float64{math.NaN()}, 255))
	require.Equal(t, []float64{1.5, 3}, boost.Edges([]float64{4, 1, 2, 1}, 255))
	one := math.Nextafter(1, 2)
	require.Equal(t, []float64{1}, boost.Edges([]float64{1, one}, 255), "nothing is between")
	require.Equal(t, []float64{0}, boost.Edges([]float64{-math.MaxFloat64, math.MaxFloat64}, 255))
}

// FuzzCodes compares codes with the definition: the number of edges below the value.
func FuzzCodes(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint16(20))
	f.Add(uint64(2), uint8(255), uint16(2000))
	f.Fuzz(func(t *testing.T, seed uint64, bins uint8, n uint16) {
		random := rand.New(rand.NewPCG(seed, 0))
		column := make([]float64, n%4096)
		for i := range column {
			switch random.IntN(4) {
			case 0:
				column[i] = math.Float64frombits(random.Uint64())
			case 1:
				column[i] = float64(random.IntN(5))
			default:
				column[i] = random.NormFloat64()
			}
		}
		edges := boost.Edges(column, 2+int(bins)%254)
		require.LessOrEqual(t, len(edges), 1+int(bins)%254)
		require.True(t, slices.IsSorted(edges))
		for i, c := range boost.Codes(column, edges) {
			want := 0
			for _, e := range edges {
				if column[i] > e {
					want++
				}
			}
			if math.IsNaN(column[i]) || math.IsInf(column[i], 0) {
				want = 255
			}
			require.Equal(t, want, int(c), "%v among %v", column[i], edges)
		}
	})
}
