package drift

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzAlike: where alike sorts out a cut, the test of cut does not find one, whatever the size of the values.
func FuzzAlike(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		sorted := 0
		for range 2000 {
			n0, n1, least := float64(1+r.IntN(1<<r.IntN(30))), float64(1+r.IntN(1<<r.IntN(30))), float64(1+r.IntN(5))
			if n0 < least || n1 < least {
				continue
			}
			offset, scale := 0.0, math.Exp(math.Abs(100*r.NormFloat64()))
			if r.IntN(2) == 0 {
				offset, scale = math.Exp(20*r.NormFloat64()), math.Exp(20*r.NormFloat64())
			}
			v, d := scale*scale*math.Exp(r.NormFloat64()), math.Exp(r.NormFloat64())
			m := 1/(n0-least+1) + 1/(n1-least+1)
			edge := math.Sqrt(2 * m * v * d)
			// Means that differ by nearly as much as is allowed, by more, and by less.
			apart := edge * (1 + []float64{0, 1e-15, -1e-15, 1e-7, -1e-7, -0.1, 0.1, -1}[r.IntN(8)])
			u0, u1 := (offset+apart)*n0, offset*n1
			if alike(n0, n1, u0, u1, least, 2*v*d) {
				sorted++
				require.LessOrEqual(t, math.Abs(u0/n0-u1/n1), edge)
			}
		}
		require.Positive(t, sorted)
	})
}
