package experiment

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
)

// sumUp returns the integral of f from the least to the greatest of cuts, which are where f has its
// features: between each two by Gauss and Legendre's rule of 20 places, halved until that changes
// nothing.
func sumUp(f func(float64) float64, cuts []float64) float64 {
	slices.Sort(cuts)
	x, w := make([]float64, 20), make([]float64, 20)
	quad.Legendre{}.FixedLocations(x, w, -1, 1)
	rule := func(a, b float64) (sum float64) {
		center, half := (a+b)/2, (b-a)/2
		for i := range x {
			sum += w[i] * f(center+half*x[i])
		}
		return sum * half
	}
	var halve func(a, b, whole, scale float64, depth int) float64
	halve = func(a, b, whole, scale float64, depth int) float64 {
		mid := (a + b) / 2
		l, r := rule(a, mid), rule(mid, b)
		if d := math.Abs(l + r - whole); d <= 1e-14*scale || depth == 0 || d <= 1e-14*math.Abs(whole) {
			return l + r
		}
		return halve(a, mid, l, scale, depth-1) + halve(mid, b, r, scale, depth-1)
	}
	var first []float64
	var scale, sum float64
	for i := 1; i < len(cuts); i++ {
		v := rule(cuts[i-1], cuts[i])
		first = append(first, v)
		scale += math.Abs(v)
	}
	for i, v := range first {
		if cuts[i+1] > cuts[i] {
			sum += halve(cuts[i], cuts[i+1], v, scale, 12)
		}
	}
	return sum
}
