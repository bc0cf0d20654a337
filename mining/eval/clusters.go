package eval

import (
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// ARI returns the adjusted Rand index of two clusterings of the same events. See [Confusion.ARI]. It is NaN of none.
func ARI(a, b []int) float64 { return ari(contingency(a, b, "ARI")) }

// NMI returns the normalised mutual information of two clusterings of the same events. See [Confusion.NMI]. It is
// NaN of none.
func NMI(a, b []int) float64 { return nmi(contingency(a, b, "NMI")) }

// contingency counts how often each pair of clusters comes together.
func contingency(a, b []int, who string) (cells, rows, columns []float64) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("eval: %s: clusterings of %d and %d events", who, len(a), len(b)))
	}
	names := func(of []int) []int {
		u := slices.Clone(of)
		slices.Sort(u)
		return slices.Compact(u)
	}
	na, nb := names(a), names(b)
	rows, columns = make([]float64, len(na)), make([]float64, len(nb))
	cells = make([]float64, len(na)*len(nb))
	for i := range a {
		r, _ := slices.BinarySearch(na, a[i])
		c, _ := slices.BinarySearch(nb, b[i])
		rows[r]++
		columns[c]++
		cells[r*len(nb)+c]++
	}
	return cells, rows, columns
}

func total(of []float64) (t float64) {
	for _, v := range of {
		t += v
	}
	return t
}

func ari(cells, rows, columns []float64) float64 {
	n := total(rows)
	if n == 0 {
		return math.NaN()
	}
	pairs := func(of []float64) (p float64) {
		for _, v := range of {
			p += v * (v - 1) / 2
		}
		return p
	}
	both, left, right := pairs(cells), pairs(rows), pairs(columns)
	// The pairs that are together in both, in one of them, in none: as scikit-learn has it, to be exact.
	tp, fp, fn := both, right-both, left-both
	tn := n*(n-1)/2 - tp - fp - fn
	if fp == 0 && fn == 0 {
		return 1
	}
	return 2 * (tp*tn - fn*fp) / ((tp+fn)*(fn+tn) + (tp+fp)*(fp+tn))
}

func nmi(cells, rows, columns []float64) float64 {
	n := total(rows)
	if n == 0 {
		return math.NaN()
	}
	entropy := func(of []float64) (h float64) {
		for _, v := range of {
			if v > 0 {
				h -= v / n * math.Log(v/n)
			}
		}
		return h
	}
	hr, hc := entropy(rows), entropy(columns)
	if hr == 0 && hc == 0 {
		return 1
	}
	mutual := 0.0
	for i, v := range cells {
		if v > 0 {
			mutual += v / n * math.Log(v*n/(rows[i/len(columns)]*columns[i%len(columns)]))
		}
	}
	return max(0, mutual) / ((hr + hc) / 2)
}

// Inertia returns the sum of the squares of the distances of events from the centers of their clusters: event i is in
// cluster of[i]. A value that is missing counts as 0.
func Inertia(x []mining.Vector, of []int, centers [][]float64) float64 {
	if len(x) != len(of) {
		panic(fmt.Sprintf("eval: Inertia: %d vectors in %d clusters", len(x), len(of)))
	}
	var s sum
	var at []float64
	for i, v := range x {
		center := centers[of[i]]
		v.Within(len(center), "eval: Inertia")
		at = expand(v, mining.Sized(at, len(center)))
		for j := range at {
			d := at[j] - center[j]
			s.add(d * d)
		}
	}
	return s.value()
}

// Silhouette returns the mean over all events of (b-a)/max(a, b), where a is the mean distance from the others of
// its cluster, and b that from the events of the nearest other cluster. It is from -1 to 1, and
// 0 for an event that is alone in its cluster. It is NaN if there are fewer than 2 clusters, or as many as events. A value
// that is missing counts as 0. It looks at all pairs: n² distances. It is Rousseeuw, "Silhouettes", Journal of
// Computational and Applied Mathematics 20, 1987.
func Silhouette(x []mining.Vector, of []int) float64 {
	if len(x) != len(of) {
		panic(fmt.Sprintf("eval: Silhouette: %d vectors in %d clusters", len(x), len(of)))
	}
	names := slices.Clone(of)
	slices.Sort(names)
	names = slices.Compact(names)
	k, n := len(names), len(x)
	if k < 2 || k >= n {
		return math.NaN()
	}
	cluster, size := make([]int, n), make([]float64, k)
	for i, c := range of {
		cluster[i], _ = slices.BinarySearch(names, c)
		size[cluster[i]]++
	}
	width := (&mining.Table{X: x}).Features()
	flat := make([]float64, n*width)
	for i, v := range x {
		expand(v, flat[i*width:(i+1)*width])
	}
	var s sum
	far := make([]float64, k)
	for i := range n {
		clear(far)
		a := flat[i*width : (i+1)*width]
		for j := range n {
			d, b := 0.0, flat[j*width:(j+1)*width]
			for f := range a {
				d += (a[f] - b[f]) * (a[f] - b[f])
			}
			far[cluster[j]] += math.Sqrt(d)
		}
		own := cluster[i]
		if size[own] == 1 {
			continue
		}
		inside, outside := far[own]/(size[own]-1), math.Inf(1)
		for c := range far {
			if c != own {
				outside = min(outside, far[c]/size[c])
			}
		}
		s.add(over(outside-inside, max(inside, outside), 0))
	}
	return s.value() / float64(n)
}

// expand is x as numbers, with 0 for what is missing.
func expand(x mining.Vector, to []float64) []float64 {
	x.Expand(to)
	for i, v := range to {
		if !mining.Known(v) {
			to[i] = 0
		}
	}
	return to
}
