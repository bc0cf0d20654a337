package gather_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/gather"
)

func TestOf(t *testing.T) {
	var s gather.Scratch
	p, v := s.Of(mining.Dense(1, 2), 3, "a")
	require.Nil(t, p)
	require.Equal(t, []float64{1, 2}, v)
	p, v = s.Of(mining.Dense(math.NaN(), math.Inf(-1), 1e300, -1e300), 4, "a")
	require.Nil(t, p)
	require.Equal(t, []float64{0, 0, gather.Limit, -gather.Limit}, v)
	require.Panics(t, func() { s.Of(mining.Dense(1, 2), 1, "a") })
	p, v = s.Of(mining.Vector{}, 2, "a")
	require.Empty(t, p)
	require.Empty(t, v)
}

// TestSparse: each place holds what the vector holds at it.
func TestSparse(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var s gather.Scratch
	odd := []float64{math.NaN(), math.Inf(1), 1e300, -1e300, 0}
	for range 2000 {
		var x mining.Vector
		for range random.IntN(4) {
			x.Append(random.NormFloat64())
		}
		for range random.IntN(8) {
			v := random.NormFloat64()
			if random.IntN(5) == 0 {
				v = odd[random.IntN(len(odd))]
			}
			x.Put(random.IntN(6), v)
		}
		got := make([]float64, 6)
		p, v := s.Of(x, 6, "a")
		for i := range v {
			if p == nil {
				got[i] = v[i]
				continue
			}
			require.Zero(t, got[p[i]], "place %d comes twice", p[i])
			got[p[i]] = v[i]
		}
		for place := range got {
			want := x.At(place)
			if !mining.Known(want) {
				want = 0
			}
			require.Equal(t, min(gather.Limit, max(-gather.Limit, want)), got[place], "%v", x)
		}
	}
}
