package tree

import (
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A gaussian is what a leaf knows of one feature in one class.
type gaussian struct {
	n, mean, s float64 // Welford's, weighted
	lo, hi     float64
	norm       float64 // the logarithm of the density at the mean, from the second event on
}

var halfLogTau = 0.5 * math.Log(2*math.Pi)

func (g *gaussian) add(v, w float64) {
	if g.n == 0 {
		g.lo, g.hi = v, v
	} else {
		g.lo, g.hi = min(g.lo, v), max(g.hi, v)
	}
	g.n += w
	old := g.mean
	g.mean += w / g.n * (v - old)
	g.s += w * (v - old) * (v - g.mean)
	if variance := g.variance(); variance > 0 {
		g.norm = -halfLogTau - 0.5*math.Log(variance)
	}
}

func (g *gaussian) variance() float64 {
	if g.n > 1 {
		return g.s / (g.n - 1)
	}
	return 0
}

// logDensity returns 0 where nothing is known of the density: then the feature has no say.
func (g *gaussian) logDensity(v float64) float64 {
	variance := g.variance()
	if !(variance > 0) {
		return 0
	}
	d := v - g.mean
	return max(-1e300, d*d/(-2*variance)+g.norm)
}

// below returns the weight of values that are v at most.
func (g *gaussian) below(v float64) float64 {
	switch {
	case g.n == 0 || v < g.lo:
		return 0
	case v >= g.hi:
		return g.n
	}
	sigma := math.Sqrt(g.variance())
	if sigma == 0 {
		return 0
	}
	return 0.5 * (1 + math.Erf((v-g.mean)/sigma/math.Sqrt2)) * g.n
}

// names is what a leaf knows of a nominal feature.
type names struct {
	values []float64 // as they came
	weight []float64 // of each value, and in it each class
	total  []float64 // of each class
}

func (n *names) index(v float64) int {
	for i, w := range n.values {
		if w == v {
			return i
		}
	}
	return -1
}

func (n *names) add(v float64, class, classes int, w float64, limit int) {
	i := n.index(v)
	if i < 0 {
		if len(n.values) == limit {
			return
		}
		if n.total == nil {
			n.total = make([]float64, classes)
		}
		i = len(n.values)
		n.values = append(n.values, v)
		n.weight = append(n.weight, make([]float64, classes)...)
	}
	n.weight[i*classes+class] += w
	n.total[class] += w
}

func (n *names) logShare(v float64, class, classes int) float64 {
	i := n.index(v)
	if i < 0 || n.weight[i*classes+class] == 0 {
		return 0
	}
	return math.Log(n.weight[i*classes+class] / n.total[class])
}

// limit keeps sums of squares finite.
func limit(v float64) float64 { return max(-1e100, min(1e100, v)) }

func known(v float64) bool { return mining.Known(v) }
