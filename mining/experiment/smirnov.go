package experiment

import (
	"math"
	"slices"
)

// KolmogorovSmirnov tests whether two samples are of the same distribution: Smirnov, "On the estimation
// of the discrepancy between empirical curves of distribution for two independent samples", 1939. The
// statistic is the greatest distance of their distribution functions: of a over b with Greater (which
// is where values of a tend to be less), of b over a with Less.
//
// P is exact up to 10,000 values in each, by counting paths in O(n·m) time; beyond that it is
// asymptotic. With ties it is too large. NaN is left out. Of an empty sample it is a Test of nothing: P
// = 1.
func KolmogorovSmirnov(a, b []float64, alt Alternative) Test {
	t, m, n, d := smirnov(a, b, alt)
	if max(m, n) <= 10_000 {
		t.P = paths(m, n, d, alt)
	} else {
		t.P = smirnovLimit(m, n, t.Statistic, alt)
	}
	return t
}

// KolmogorovSmirnovAsymptotic is KolmogorovSmirnov with asymptotic P, in O(n log n) time: of
// Kolmogorov's distribution, or if one-sided by the expansion of Hodges, "The significance probability
// of the Smirnov two-sample test", Arkiv för Matematik 3, 1958, as SciPy.
func KolmogorovSmirnovAsymptotic(a, b []float64, alt Alternative) Test {
	t, m, n, _ := smirnov(a, b, alt)
	t.P = smirnovLimit(m, n, t.Statistic, alt)
	return t
}

// smirnov returns the statistic, the sizes, and the statistic times both.
func smirnov(a, b []float64, alt Alternative) (t Test, m, n, d int) {
	alt.need("KolmogorovSmirnov")
	a, b = slices.Sorted(slices.Values(numbers(a))), slices.Sorted(slices.Values(numbers(b)))
	m, n = len(a), len(b)
	if m == 0 || n == 0 {
		return nothing, m, n, 0
	}
	for i, j := 0, 0; i < m && j < n; {
		at := min(a[i], b[j])
		for i < m && a[i] == at {
			i++
		}
		for j < n && b[j] == at {
			j++
		}
		d = max(d, alt.distance(i*n-j*m))
	}
	return Test{Statistic: float64(d) / float64(m) / float64(n)}, m, n, d
}

func (a Alternative) distance(d int) int {
	switch a {
	case Greater:
		return d
	case Less:
		return -d
	}
	return max(d, -d)
}

// paths returns the part of all paths from (0, 0) to (m, n) that come to a distance of at least d: the
// probability of each place to have been passed at that distance, given that the path is there.
func paths(m, n, d int, alt Alternative) float64 {
	if d <= 0 {
		return 1
	}
	passed := make([]float64, n+1)
	for i := 0; i <= m; i++ {
		for j := 0; j <= n; j++ {
			switch {
			case alt.distance(i*n-j*m) >= d:
				passed[j] = 1
			case i > 0 && j > 0:
				passed[j] = (float64(i)*passed[j] + float64(j)*passed[j-1]) / float64(i+j)
			case j > 0:
				passed[j] = passed[j-1]
			}
		}
	}
	return min(1, passed[n])
}

func smirnovLimit(m, n int, d float64, alt Alternative) float64 {
	if m == 0 || n == 0 || d <= 0 {
		return 1
	}
	x, y := float64(max(m, n)), float64(min(m, n))
	z := math.Sqrt(x*y/(x+y)) * d
	if alt != TwoSided {
		return max(0, min(1, math.Exp(-2*z*z-2*z*(x+2*y)/math.Sqrt(x*y*(x+y))/3)))
	}
	var sum float64
	if z < 1 {
		// The other form of the theta function, which converges where z is small.
		for k := 1.0; k < 40; k += 2 {
			sum += math.Exp(-k * k * math.Pi * math.Pi / (8 * z * z))
		}
		return max(0, min(1, 1-math.Sqrt(2*math.Pi)/z*sum))
	}
	sign := 2.0
	for k := 1.0; k < 40; k++ {
		sum += sign * math.Exp(-2*k*k*z*z)
		sign = -sign
	}
	return max(0, min(1, sum))
}
