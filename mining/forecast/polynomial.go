package forecast

import "math"

// partial turns numbers without a bound into the coefficients of a stationary process: x over the root of 1 + x² are its partial autocorrelations.
// Monahan, "A note on enforcing stationarity in autoregressive-moving average models", Biometrika 71, 1984.
func partial(free, to []float64) []float64 {
	to = sizedTo(to, len(free))
	before := make([]float64, len(free))
	for k, x := range free {
		r := x / math.Sqrt(1+x*x)
		copy(before, to[:k])
		for j := range k {
			to[j] = before[j] - r*before[k-1-j]
		}
		to[k] = r
	}
	return to
}

// times multiplies 1 + a[0] B + a[1] B² + ... by 1 + b[0] Bᵐ + b[1] B²ᵐ + ..., and leaves the leading 1 out.
func times(a, b []float64, m int) []float64 {
	c := make([]float64, len(a)+len(b)*m)
	copy(c, a)
	for j, v := range b {
		c[(j+1)*m-1] += v
		for i, u := range a {
			c[(j+1)*m+i] += u * v
		}
	}
	return c
}

// negated returns -a.
func negated(a []float64) []float64 {
	b := make([]float64, len(a))
	for i, v := range a {
		b[i] = -v
	}
	return b
}

// differenced returns the differences of values that are lag apart, times times.
func differenced(y []float64, lag, times int) []float64 {
	for range times {
		d := make([]float64, len(y)-lag)
		for i := range d {
			d[i] = y[i+lag] - y[i]
		}
		y = d
	}
	return y
}
