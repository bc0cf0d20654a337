package stats

import (
	"cmp"
	"math"
	"slices"
)

// Ranks returns the rank of each value, from 1, and of equal ones the mean of theirs. It takes O(n log n)
// time. NaN is before all others; leave it out.
func Ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	ranks := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			ranks[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return ranks
}

// Pearson returns the coefficient of correlation of pairs: NaN where one of the two has no variance or
// there are fewer than two. Pairs with a NaN or an infinity are left out. It panics if the lengths
// differ.
func Pearson(x, y []float64) float64 {
	same(x, y, "Pearson")
	var j Joint
	for i := range x {
		j.Add(x[i], y[i])
	}
	return j.Correlation()
}

// Spearman returns Spearman's ρ: Pearson's coefficient of the ranks, with the mean of ranks for ties.
// NaN and what is left out is as for Pearson, but infinite values have a rank. It takes O(n log n)
// time.
func Spearman(x, y []float64) float64 {
	same(x, y, "Spearman")
	x, y = both(x, y)
	return Pearson(Ranks(x), Ranks(y))
}

// Kendall returns Kendall's τ-b, which counts pairs of pairs in the same order less those in the
// opposite order, over √((n₀-ties of x)(n₀-ties of y)), n₀ = n(n-1)/2: NaN where one of the two is
// constant or there are fewer than two. Pairs with NaN are left out. It takes O(n log n) time: Knight,
// "A computer method for calculating Kendall's tau with ungrouped data", Journal of the American
// Statistical Association 61, 1966. It panics if the lengths differ.
func Kendall(x, y []float64) float64 {
	same(x, y, "Kendall")
	x, y = both(x, y)
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(x[i], x[j]), cmp.Compare(y[i], y[j])) })
	ys := make([]float64, len(x))
	for i, o := range order {
		ys[i] = y[o]
	}
	tiesX := ties(len(order), func(i, j int) bool { return x[order[i]] == x[order[j]] })
	tiesBoth := ties(len(order), func(i, j int) bool { return x[order[i]] == x[order[j]] && ys[i] == ys[j] })
	swaps := exchanges(ys, make([]float64, len(ys))) // sorts ys
	tiesY := ties(len(ys), func(i, j int) bool { return ys[i] == ys[j] })
	n := int64(len(x))
	all := n * (n - 1) / 2
	if all == tiesX || all == tiesY {
		return math.NaN()
	}
	balance := all - tiesX - tiesY + tiesBoth - 2*swaps
	tau := float64(balance) / math.Sqrt(float64(all-tiesX)) / math.Sqrt(float64(all-tiesY))
	return max(-1, min(1, tau))
}

func same(x, y []float64, who string) {
	if len(x) != len(y) {
		panic("stats: " + who + ": the lengths differ")
	}
}

// both returns the pairs without NaN.
func both(x, y []float64) (_, _ []float64) {
	var a, b []float64
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	return a, b
}

// ties counts the pairs of equal ones in an order in which those stand together.
func ties(n int, equal func(i, j int) bool) (pairs int64) {
	run := int64(0)
	for i := 1; i < n; i++ {
		if equal(i-1, i) {
			run++
			pairs += run
		} else {
			run = 0
		}
	}
	return pairs
}

// exchanges sorts v by merging, and returns how many pairs were in the wrong order.
func exchanges(v, scratch []float64) (n int64) {
	if len(v) < 2 {
		return 0
	}
	half := len(v) / 2
	n = exchanges(v[:half], scratch) + exchanges(v[half:], scratch)
	left := scratch[:copy(scratch, v[:half])]
	i, j := 0, half
	for k := range v {
		if j == len(v) || i < half && left[i] <= v[j] {
			if i == half {
				break
			}
			v[k] = left[i]
			i++
			continue
		}
		v[k] = v[j]
		n += int64(half - i)
		j++
	}
	return n
}
