package experiment

import (
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining/stats"
)

// A RankOption is an option of MannWhitney and Wilcoxon.
type RankOption func(*ranking)

type ranking struct {
	exact, asymptotic, plain, pratt bool
}

// Exact has P counted over all ways to deal out the ranks, ties included, whatever the size:
// MannWhitney takes O(n²·m·(n+m)) time of samples n <= m, and Wilcoxon O(n³).
func Exact() RankOption { return func(r *ranking) { r.exact, r.asymptotic = true, false } }

// Asymptotic has P of the normal distribution, with the correction of the variance for ties.
func Asymptotic() RankOption { return func(r *ranking) { r.exact, r.asymptotic = false, true } }

// NoContinuity leaves out the correction for continuity of asymptotic P: 1/2 towards the mean.
func NoContinuity() RankOption { return func(r *ranking) { r.plain = true } }

// Pratt has Wilcoxon rank differences of 0 with the others, and leave them out then: Pratt, "Remarks on
// zeros and ties in the Wilcoxon signed rank procedures", JASA 54, 1959. The default is to leave them
// out before.
func Pratt() RankOption { return func(r *ranking) { r.pratt = true } }

func rankOptions(opts []RankOption) (r ranking) {
	for _, o := range opts {
		o(&r)
	}
	return r
}

// MannWhitney tests whether values of one sample tend to be greater than those of another: Mann and
// Whitney, "On a test of whether one of two random variables is stochastically larger than the other",
// Annals of Mathematical Statistics 18, 1947. The statistic is U of a: pairs in which a's value is
// greater, and half of those that are equal. U over the number of pairs is the area under the ROC
// curve.
//
// The default is Exact without ties and up to 2,500 pairs, otherwise Asymptotic. NaN is left out. Where
// a sample is empty or all values are equal, P is 1.
func MannWhitney(a, b []float64, alt Alternative, opts ...RankOption) Test {
	alt.need("MannWhitney")
	a, b = numbers(a), numbers(b)
	na, nb := float64(len(a)), float64(len(b))
	if na == 0 || nb == 0 {
		return nothing
	}
	o := rankOptions(opts)
	ranks := stats.Ranks(append(slices.Clone(a), b...))
	ties := tied(ranks)
	var sum float64
	for _, r := range ranks[:len(a)] {
		sum += r
	}
	u := sum - na*(na+1)/2
	if o.exact || !o.asymptotic && ties == 0 && na*nb <= 2500 {
		below, above := dealt(ranks, len(a), sum)
		return Test{Statistic: u, P: alt.p(below, above)}
	}
	n := na + nb
	sd := math.Sqrt(na * nb / 12 * ((n + 1) - ties/(n*(n-1))))
	return Test{Statistic: u, P: asymptotic(u, na*nb/2, sd, alt, o.plain)}
}

// asymptotic returns P of a statistic that is normal but for steps of 1.
func asymptotic(s, mean, sd float64, alt Alternative, plain bool) float64 {
	if !(sd > 0) {
		return 1
	}
	half := 0.5
	if plain {
		half = 0
	}
	return alt.p(normalCDF((s-mean+half)/sd), normalCDF(-(s-mean-half)/sd))
}

// numbers returns values without NaN.
func numbers(values []float64) []float64 {
	if !slices.ContainsFunc(values, math.IsNaN) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), math.IsNaN)
}

// tied returns Σ(t³-t) over groups of t equal ranks.
func tied(ranks []float64) (sum float64) {
	sorted := slices.Sorted(slices.Values(ranks))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		t := float64(j - i)
		sum += t*t*t - t
		i = j
	}
	return sum
}

// dealt returns the parts of all choices of m of ranks whose sum is at most, and at least, sum. Ranks are
// whole or halves.
func dealt(ranks []float64, m int, sum float64) (below, above float64) {
	swap := m > len(ranks)-m
	if swap { // of the smaller rest
		var all float64
		for _, r := range ranks {
			all += r
		}
		m, sum = len(ranks)-m, all-sum
	}
	// ways[k][s] is the probability that k of m were dealt, with twice the sum s: as ranks come one
	// after another, the next is taken with probability (what is left to take) over (what is left).
	most := 0
	sorted := slices.Sorted(slices.Values(ranks))
	for _, r := range sorted[len(sorted)-m:] {
		most += int(2 * r)
	}
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, most+1)
	}
	ways[0][0] = 1
	reach := make([]int, m+1) // greatest s of k
	for i, r := range sorted {
		step, left := int(2*r), float64(len(sorted)-i)
		for k := min(i, m); k >= 0; k-- {
			take := float64(m-k) / left
			for s := 0; s <= reach[k]; s++ {
				if w := ways[k][s]; w > 0 {
					if take > 0 {
						ways[k+1][s+step] += w * take
					}
					ways[k][s] = w * (1 - take)
				}
			}
			if k < m {
				reach[k+1] = max(reach[k+1], reach[k]+step)
			}
		}
	}
	for s, w := range ways[m] {
		if float64(s) <= 2*sum {
			below += w
		}
		if float64(s) >= 2*sum {
			above += w
		}
	}
	if swap {
		below, above = above, below
	}
	return below, above
}

// Wilcoxon tests whether the differences a-b of pairs lie around 0, by the ranks of their sizes:
// Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945. The statistic is
// the sum of the ranks of positive differences. It compares two models on the same parts of data, say:
// of those less than six it never finds P below 0.05.
//
// The default is Exact without ties and zeros and up to 50 pairs, otherwise Asymptotic. Pairs whose
// difference is NaN are left out. Where all differences are 0, P is 1. It panics if the lengths differ.
func Wilcoxon(a, b []float64, alt Alternative, opts ...RankOption) Test {
	alt.need("Wilcoxon")
	if len(a) != len(b) {
		panic("experiment: Wilcoxon: the lengths differ")
	}
	o := rankOptions(opts)
	var ds []float64
	zeros := 0.0
	for i := range a {
		d := a[i] - b[i]
		if d == 0 {
			zeros++
		}
		if d == d && (d != 0 || o.pratt) {
			ds = append(ds, d)
		}
	}
	size := make([]float64, len(ds))
	for i, d := range ds {
		size[i] = math.Abs(d)
	}
	var plus float64
	var signed []float64 // ranks of what is not 0
	for i, r := range stats.Ranks(size) {
		if ds[i] > 0 {
			plus += r
		}
		if ds[i] != 0 {
			signed = append(signed, r)
		}
	}
	if len(signed) == 0 {
		return nothing
	}
	ties := tied(signed)
	if o.exact || !o.asymptotic && ties == 0 && zeros == 0 && len(signed) <= 50 {
		below, above := flipped(signed, plus)
		return Test{Statistic: plus, P: alt.p(below, above)}
	}
	var mean, variance float64
	for _, r := range signed {
		mean += r / 2
		variance += r * r / 4
	}
	return Test{Statistic: plus, P: asymptotic(plus, mean, math.Sqrt(variance), alt, o.plain)}
}

// flipped returns the parts of all choices of signs of ranks in which those with a plus add up to at
// most, and at least, sum.
func flipped(ranks []float64, sum float64) (below, above float64) {
	most := 0
	for _, r := range ranks {
		most += int(2 * r)
	}
	ways := make([]float64, most+1)
	ways[0] = 1
	reach := 0
	for _, r := range ranks {
		step := int(2 * r)
		reach += step
		for s := reach; s >= 0; s-- {
			ways[s] /= 2
			if s >= step {
				ways[s] += ways[s-step] / 2
			}
		}
	}
	for s, w := range ways {
		if float64(s) <= 2*sum {
			below += w
		}
		if float64(s) >= 2*sum {
			above += w
		}
	}
	return below, above
}
