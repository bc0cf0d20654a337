package experiment

import "math"

// ChiSquare tests whether the rows of a table of counts have the same shares of its columns, by
// Pearson's χ². Yates has each count moved towards what is expected by up to 1/2, which is done in a
// table of 2 × 2 only, as SciPy does. Rows and columns without counts are left out; of fewer than two
// rows or columns it is a Test of nothing: P = 1. It panics if rows differ in length or a count is
// negative, NaN or infinite.
func ChiSquare(table [][]float64, yates bool) Test {
	var rows, columns []float64
	var all float64
	for i, row := range table {
		if len(row) != len(table[0]) {
			panic("experiment: ChiSquare: the rows differ in length")
		}
		if i == 0 {
			columns = make([]float64, len(row))
		}
		var sum float64
		for j, n := range row {
			if !(n >= 0) || math.IsInf(n, 1) {
				panic("experiment: ChiSquare: a count is finite and not negative")
			}
			sum += n
			columns[j] += n
		}
		rows = append(rows, sum)
		all += sum
	}
	r, c := positive(rows), positive(columns)
	if r < 2 || c < 2 {
		return nothing
	}
	yates = yates && r == 2 && c == 2
	var x float64
	for i, row := range table {
		for j, n := range row {
			if expected := rows[i] * columns[j] / all; expected > 0 {
				d := math.Abs(n - expected)
				if yates {
					d -= min(0.5, d)
				}
				x += d * d / expected
			}
		}
	}
	df := float64(r-1) * float64(c-1)
	return Test{x, chiSquareSF(x, df), df}
}

func positive(sums []float64) (n int) {
	for _, s := range sums {
		if s > 0 {
			n++
		}
	}
	return n
}

// SampleRatio tests whether arms have the counts that their shares promise, by χ²: who finds P below
// 0.001 or so should look for the mistake in how users are assigned or counted, and not read the
// experiment. No shares are equal ones; shares need not add up to 1. It panics if there are fewer than
// two arms, as many shares as counts are not there, a share is not positive, or a count negative. Of no
// counts it is a Test of nothing: P = 1.
func SampleRatio(counts []int64, shares ...float64) Test {
	if len(counts) < 2 {
		panic("experiment: SampleRatio: two arms are needed")
	}
	if len(shares) != 0 && len(shares) != len(counts) {
		panic("experiment: SampleRatio: each arm needs a share")
	}
	var all, total float64
	share := func(i int) float64 {
		if len(shares) == 0 {
			return 1
		}
		return shares[i]
	}
	for i, n := range counts {
		if n < 0 {
			panic("experiment: SampleRatio: a count is negative")
		}
		if s := share(i); !(s > 0) || math.IsInf(s, 1) {
			panic("experiment: SampleRatio: a share is positive and finite")
		}
		all += float64(n)
		total += share(i)
	}
	if all == 0 {
		return nothing
	}
	var x float64
	for i, n := range counts {
		expected := all * share(i) / total
		x += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	df := float64(len(counts) - 1)
	return Test{x, chiSquareSF(x, df), df}
}

// Fisher tests exactly whether two rates differ, given how many succeeded in all: Fisher, "On the
// interpretation of χ² from contingency tables, and the calculation of P", JRSS 85, 1922. The statistic
// is the ratio of odds of a over b: +Inf or NaN where it divides by 0. The two-sided P adds up what is
// at most as likely as what was seen. It takes time proportional to the smallest of the four sums.
func Fisher(a, b Rate, alt Alternative) Test {
	alt.need("Fisher")
	a.need("Fisher")
	b.need("Fisher")
	x, na := float64(a.Successes), float64(a.Trials)
	y, nb := float64(b.Successes), float64(b.Trials)
	k := x + y
	odds := x * (nb - y) / (y * (na - x))
	n := na + nb
	if n == 0 || k == 0 || k == n || na == 0 || nb == 0 {
		return Test{Statistic: odds, P: 1}
	}
	whole := binomial(k, n, k/n, (n-k)/n)
	probability := func(x float64) float64 {
		return binomial(x, na, k/n, (n-k)/n) * binomial(k-x, nb, k/n, (n-k)/n) / whole
	}
	seen := probability(x) * (1 + 1e-7)
	var below, above, rare float64
	for i := max(0, k-nb); i <= min(k, na); i++ {
		p := probability(i)
		if i <= x {
			below += p
		}
		if i >= x {
			above += p
		}
		if p <= seen {
			rare += p
		}
	}
	if alt == TwoSided {
		return Test{Statistic: odds, P: min(1, rare)}
	}
	return Test{Statistic: odds, P: alt.p(below, above)}
}

// McNemar tests whether two ways differ on the same cases, where onlyA cases succeeded only the first
// way and onlyB only the second: two models' right answers, say. It is exact, by the binomial
// distribution, and the statistic is the lesser of the two counts: McNemar, "Note on the sampling error
// of the difference between correlated proportions or percentages", Psychometrika 12, 1947. Of none it
// is P = 1. It panics if a count is negative.
func McNemar(onlyA, onlyB int64) Test {
	if onlyA < 0 || onlyB < 0 {
		panic("experiment: McNemar: a count is negative")
	}
	k, n := float64(min(onlyA, onlyB)), float64(onlyA+onlyB)
	if n == 0 {
		return nothing
	}
	_, below := betaCDF(k+1, n-k, 0.5, 0.5)
	return Test{Statistic: k, P: min(1, 2*below)}
}

// McNemarChiSquare is McNemar by χ² with one degree of freedom, (|a-b|-1)²/(a+b), for many cases; without
// the correction for continuity there is no -1. Counts that are equal do not differ at all: P is 1, corrected or not.
func McNemarChiSquare(onlyA, onlyB int64, continuity bool) Test {
	if onlyA < 0 || onlyB < 0 {
		panic("experiment: McNemarChiSquare: a count is negative")
	}
	n := float64(onlyA + onlyB)
	if n == 0 {
		return nothing
	}
	d := math.Abs(float64(onlyA - onlyB))
	if continuity {
		d = max(0, d-1)
	}
	x := d * d / n
	return Test{x, chiSquareSF(x, 1), 1}
}
