package boost

import (
	"math/bits"

	"github.com/freshet-go/freshet/mining"
)

// Shapley returns the Shapley values of the features, by the definition: over all sets of features that are known.
func (m *Classifier) Shapley(x mining.Vector, group int) []float64 {
	dense := m.expand(x)
	n := m.features
	value := make([]float64, 1<<n)
	for set := range value {
		for i := group; i < len(m.roots); i += len(m.base) {
			value[set] += m.expected(dense, m.roots[i], set)
		}
	}
	factorial := func(n int) float64 {
		f := 1.0
		for i := 2; i <= n; i++ {
			f *= float64(i)
		}
		return f
	}
	to := make([]float64, n)
	for f := range to {
		for set := range value {
			if set&(1<<f) == 0 {
				k := bits.OnesCount(uint(set))
				to[f] += factorial(k) * factorial(n-k-1) / factorial(n) * (value[set|1<<f] - value[set])
			}
		}
	}
	return to
}

// expected returns the mean answer of a tree where only a set of features is known.
func (e *ensemble) expected(x []float64, at int32, set int) float64 {
	n := &e.nodes[at]
	switch {
	case n.feature == leafNode:
		return n.value
	case set&(1<<n.feature) != 0:
		return e.expected(x, n.next(x), set)
	}
	l, r := &e.nodes[n.left], &e.nodes[n.right]
	return (l.cover*e.expected(x, n.left, set) + r.cover*e.expected(x, n.right, set)) / n.cover
}

// Edges returns where the bins of a column end.
func Edges(column []float64, bins int) []float64 { return edges(column, bins, 0) }

// Codes returns the bin of each value.
func Codes(column, edges []float64) []uint8 { return codes(column, edges) }
