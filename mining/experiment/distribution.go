package experiment

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// normalCDF returns P(Z <= z).
func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// normalQuantile returns the z with normalCDF(z) = p.
func normalQuantile(p float64) float64 {
	switch {
	case p <= 0:
		return math.Inf(-1)
	case p >= 1:
		return math.Inf(1)
	}
	return mathext.NormalQuantile(p)
}

// chiSquareSF returns P(X >= x) of df degrees of freedom.
func chiSquareSF(x, df float64) float64 {
	switch {
	case x <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}

// studentSF returns P(T >= t) of df degrees of freedom.
func studentSF(t, df float64) float64 {
	if math.IsInf(df, 1) {
		return normalCDF(-t)
	}
	if math.IsInf(t, 0) {
		return (1 - math.Copysign(1, t)) / 2
	}
	// x + y = 1, both without cancellation.
	x, y := df/(df+t*t), t*t/(df+t*t)
	both, neither := betaCDF(df/2, 0.5, x, y)
	if t < 0 {
		return 0.5 + neither/2
	}
	return both / 2
}

// studentQuantile returns the t with studentSF(t) = tail, for a tail of at most 1/2.
func studentQuantile(tail, df float64) float64 {
	if math.IsInf(df, 1) {
		return -normalQuantile(tail)
	}
	high := 1.0
	for studentSF(high, df) > tail {
		high *= 2
	}
	return bisect(0, high, func(t float64) bool { return studentSF(t, df) > tail })
}

// bisect returns where below, true at low and false at high, changes.
func bisect(low, high float64, below func(float64) bool) float64 {
	for range 2000 {
		mid := low + (high-low)/2
		if mid == low || mid == high {
			break
		}
		if below(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low + (high-low)/2
}

// betaCDF returns P(X <= x) and P(X > x) of a beta distribution, where y is 1-x. The power before the
// fraction is that of a binomial probability, which keeps its digits for large a and b.
func betaCDF(a, b, x, y float64) (lower, upper float64) {
	switch {
	case x <= 0:
		return 0, 1
	case y <= 0:
		return 1, 0
	case x > (a+1)/(a+b+2):
		upper, lower = betaCDF(b, a, y, x)
		return lower, upper
	}
	lower = betaPower(a, b, x, y) / fraction(a, b, x, y)
	lower = min(1, lower)
	return lower, 1 - lower
}

// betaPower returns x^a·y^b/B(a, b).
func betaPower(a, b, x, y float64) float64 { return a * b / (a + b) * binomial(a, a+b, x, y) }

// fraction returns a continued fraction by which betaPower is divided: that of Didonato and Morris, "Algorithm
// 708", ACM Transactions on Mathematical Software 18, 1992, which looks at x and y, so that none of
// them is the difference of the other from 1.
func fraction(a, b, x, y float64) float64 {
	const tiny = 1e-300
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	f := away(a * (a*y - b*x + 1) / (a + 1))
	c, d := f, 0.0
	for m := 1.0; m < 1e5; m++ {
		below := a + 2*m - 1
		over := (a + m - 1) / below * ((a + b + m - 1) / below) * m * (b - m) * x * x
		next := m + m*(b-m)*x/below + (a+m)*(a*y-b*x+1+m*(2-x))/(a+2*m+1)
		d = 1 / away(next+over*d)
		c = away(next + over/c)
		f *= c * d
		if !(math.Abs(c*d-1) > 1e-16) {
			break
		}
	}
	return f
}

// betaQuantile returns the x with P(X <= x) = p.
func betaQuantile(p, a, b float64) float64 {
	return bisect(0, 1, func(x float64) bool { l, _ := betaCDF(a, b, x, 1-x); return l < p })
}

// binomial returns the probability of x of n successes with probability p, where q is 1-p: x and n need
// not be whole. It is Loader, "Fast and accurate computation of binomial probabilities", 2000: all the
// cancelling is in deviance.
func binomial(x, n, p, q float64) float64 {
	switch {
	case p == 0:
		return indicator(x == 0)
	case q == 0:
		return indicator(x == n)
	case x < 0 || x > n:
		return 0
	case x == 0:
		if p < 0.1 {
			return math.Exp(-deviance(n, n*q) - n*p)
		}
		return math.Exp(n * math.Log(q))
	case x == n:
		if q < 0.1 {
			return math.Exp(-deviance(n, n*p) - n*q)
		}
		return math.Exp(n * math.Log(p))
	}
	l := stirling(n) - stirling(x) - stirling(n-x) - deviance(x, n*p) - deviance(n-x, n*q)
	return math.Exp(l) * math.Sqrt(n/(2*math.Pi*x*(n-x)))
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// stirling returns what Stirling's formula lacks of ln n!.
func stirling(n float64) float64 {
	if n <= 15 {
		l, _ := math.Lgamma(n + 1)
		return l - (n+0.5)*math.Log(n) + n - 0.918938533204672741780329736406
	}
	s := n * n
	return (1./12 - (1./360-(1./1260-(1./1680-(1./1188-691./360360/s)/s)/s)/s)/s) / n
}

// deviance returns x·ln(x/m) + m - x.
func deviance(x, m float64) float64 {
	if math.Abs(x-m) >= 0.1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := (x - m) / (x + m)
	s := (x - m) * v
	e := 2 * x * v
	for j := 3.0; j < 2000; j += 2 {
		e *= v * v
		next := s + e/j
		if next == s {
			break
		}
		s = next
	}
	return s
}

// noncentralSF returns P(T >= t) of Student's distribution with that shift: P(Z+shift >= t·S), where S²
// is a χ² over its degrees of freedom. It is the sum over ln S at equal steps, which converges faster
// than any power of the step.
func noncentralSF(t, df, shift float64) float64 {
	half := df / 2
	constant := math.Ln2 + 0.5*math.Log(half/(2*math.Pi)) - stirling(half)
	if half < 15 {
		l, _ := math.Lgamma(half)
		constant = math.Ln2 + half*math.Log(half) - half - l
	}
	step := min(0.05, 0.2/math.Sqrt(df), 0.2/(1+math.Abs(t)))
	var sum float64
	at := func(u float64) bool {
		l := constant + df*(u-math.Expm1(2*u)/2)
		sum += math.Exp(l) * normalCDF(shift-t*math.Exp(u))
		return l > -46
	}
	at(0)
	for k := 1.0; at(k * step); k++ {
	}
	for k := -1.0; at(k * step); k-- {
	}
	return max(0, min(1, sum*step))
}
