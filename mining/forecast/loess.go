package forecast

import "math"

// A loess smooths values at 1, 2, 3, ... by lines, or means, of their neighbours, of which the near ones count most: Cleveland, "Robust Locally
// Weighted Regression and Smoothing Scatterplots", JASA 74, 1979.
type loess struct {
	window, degree int
	weights        []float64 // of the values: nil if all count the same
	w              []float64
}

// smooth returns the smooth values.
func (l *loess) smooth(y []float64) []float64 {
	n := len(y)
	s := make([]float64, n)
	if n < 2 {
		copy(s, y)
		return s
	}
	left, right := 1, min(l.window, n)
	for i := 1; i <= n; i++ {
		if i > (l.window+1)/2 && right < n {
			left++
			right++
		}
		v, ok := l.at(y, i, left, right)
		if !ok {
			v = y[i-1]
		}
		s[i-1] = v
	}
	return s
}

// at returns the smooth value at x, by the values from left to right, and whether any of them counts.
func (l *loess) at(y []float64, x, left, right int) (float64, bool) {
	n := len(y)
	reach := float64(max(x-left, right-x))
	if l.window > n {
		reach += float64((l.window - n) / 2)
	}
	if cap(l.w) < n {
		l.w = make([]float64, n)
	}
	w := l.w[:right-left+1]
	sum := 0.0
	for k := range w {
		w[k] = 0
		r := math.Abs(float64(left + k - x))
		if r > 0.999*reach {
			continue
		}
		w[k] = 1
		if r > 0.001*reach {
			u := r / reach
			u = 1 - u*u*u
			w[k] = u * u * u
		}
		if l.weights != nil {
			w[k] *= l.weights[left+k-1]
		}
		sum += w[k]
	}
	if sum <= 0 {
		return 0, false
	}
	center := 0.0
	for k := range w {
		w[k] /= sum
		center += w[k] * float64(left+k)
	}
	if reach > 0 && l.degree > 0 {
		spread := 0.0
		for k := range w {
			d := float64(left+k) - center
			spread += w[k] * d * d
		}
		if math.Sqrt(spread) > 0.001*float64(n-1) {
			slope := (float64(x) - center) / spread
			for k := range w {
				w[k] *= slope*(float64(left+k)-center) + 1
			}
		}
	}
	v := 0.0
	for k := range w {
		v += w[k] * y[left+k-1]
	}
	return v, true
}
