package forecast

import "math"

// An arma says how much of a value is due to values before, and how much to errors before:
//
//	x[t] = ar[0] x[t-1] + ar[1] x[t-2] + ... + e[t] + ma[0] e[t-1] + ma[1] e[t-2] + ...
//
// Its whitening is exact from the first value on: Ansley, "An algorithm for the exact likelihood of a mixed autoregressive-moving average
// process", Biometrika 66, 1979, as Brockwell and Davis, "Time Series: Theory and Methods", 1991, have it in section 5.3: the innovations algorithm, for
// values of which beyond the first ones the part due to values before is taken off, so that only those at most len(ma) apart go together.
type arma struct {
	ar, ma []float64

	least      int         // the number of first values that are whole
	covariance []float64   // of values 0, 1, ... apart, for errors with a variance of 1
	moving     []float64   // of errors' parts
	mixed      []float64   // of a whole value and a part
	theta      [][]float64 // theta[i][k-1] is how much the innovation k before counts for value i
	settled    int         // from which value on they stand still
	spread     []float64   // the variances of the innovations
}

// set has it be of other parameters. It reports whether there is such a process: it is stationary as far as numbers tell.
func (a *arma) set(ar, ma []float64) bool {
	a.ar, a.ma = ar, ma
	a.least = max(len(ar), len(ma))
	a.moving = sizedTo(a.moving, len(ma)+1)
	for k := range a.moving {
		a.moving[k] = 0
		for j := 0; j+k <= len(ma); j++ {
			a.moving[k] += a.theta0(j) * a.theta0(j+k)
		}
	}
	return a.autocovariances()
}

// theta0 is ma with its leading 1.
func (a *arma) theta0(j int) float64 {
	if j == 0 {
		return 1
	}
	return a.ma[j-1]
}

func sizedTo(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

// autocovariances solves the equations of Yule and Walker: those of len(ar)+1 unknowns by elimination, the others by recursion.
func (a *arma) autocovariances() bool {
	p, q := len(a.ar), len(a.ma)
	// What errors have to do with values: psi.
	psi := make([]float64, q+1)
	for j := range psi {
		psi[j] = a.theta0(j)
		for k := 1; k <= min(j, p); k++ {
			psi[j] += a.ar[k-1] * psi[j-k]
		}
	}
	right := func(k int) float64 {
		sum := 0.0
		for j := k; j <= q; j++ {
			sum += a.theta0(j) * psi[j-k]
		}
		return sum
	}
	n := p + 1
	m := make([][]float64, n)
	for k := range m {
		m[k] = make([]float64, n+1)
		m[k][k]++
		for j := 1; j <= p; j++ {
			m[k][abs(k-j)] -= a.ar[j-1]
		}
		m[k][n] = right(k)
	}
	if !eliminate(m) {
		return false
	}
	last := a.least + max(p, q) + 1
	a.covariance = sizedTo(a.covariance, last+1)
	for k := range a.covariance {
		if k <= p {
			a.covariance[k] = m[k][n]
			continue
		}
		a.covariance[k] = right(k)
		for j := 1; j <= p; j++ {
			a.covariance[k] += a.ar[j-1] * a.covariance[abs(k-j)]
		}
	}
	a.mixed = sizedTo(a.mixed, last)
	for k := range a.mixed {
		a.mixed[k] = a.covariance[k]
		for j := 1; j <= p; j++ {
			a.mixed[k] -= a.ar[j-1] * a.covariance[abs(j-k)]
		}
	}
	return a.covariance[0] > 0 && !math.IsInf(a.covariance[0], 0)
}

func abs(i int) int { return max(i, -i) }

// eliminate solves equations, whose right sides become what is sought. It reports whether it could.
func eliminate(m [][]float64) bool {
	n := len(m)
	for c := range n {
		pivot := c
		for r := c + 1; r < n; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[pivot][c]) {
				pivot = r
			}
		}
		if !(math.Abs(m[pivot][c]) > 1e-12) {
			return false
		}
		m[c], m[pivot] = m[pivot], m[c]
		for r := range n {
			if f := m[r][c] / m[c][c]; r != c && f != 0 {
				for k := c; k <= n; k++ {
					m[r][k] -= f * m[c][k]
				}
			}
		}
	}
	for r := range n {
		m[r][n] /= m[r][r]
	}
	return true
}

// between returns the covariance of the parts of values i and j, counted from 0, with j ≤ i.
func (a *arma) between(i, j int) float64 {
	switch {
	case i < a.least:
		return a.covariance[i-j]
	case j < a.least:
		if i < 2*a.least {
			return a.mixed[i-j]
		}
		return 0
	case i-j <= len(a.ma):
		return a.moving[i-j]
	}
	return 0
}

// prepare finds the innovations' coefficients for n values. Once they stand still, all further ones are the same.
func (a *arma) prepare(n int) {
	if len(a.theta) < n {
		a.theta = append(a.theta, make([][]float64, n-len(a.theta))...)
	}
	a.spread = sizedTo(a.spread, n)
	a.spread[0] = a.between(0, 0)
	a.settled = n - 1
	for i, still := 1, 0; i < n; i++ {
		width := i
		if i >= a.least {
			width = min(i, len(a.ma))
		}
		row := sizedTo(a.theta[i], width)
		a.theta[i] = row
		v := a.between(i, i)
		for j := i - width; j < i; j++ {
			sum := a.between(i, j)
			before := a.theta[j]
			for k := max(i-width, j-len(before)); k < j; k++ {
				sum -= before[j-k-1] * row[i-k-1] * a.spread[k]
			}
			row[i-j-1] = sum / a.spread[j]
			v -= row[i-j-1] * row[i-j-1] * a.spread[j]
		}
		a.spread[i] = v
		if still++; i < 2*a.least || math.Abs(v-a.spread[i-1]) > 1e-15*v {
			still = 0
		}
		if still > len(a.ma) {
			a.settled = i
			for k := i + 1; k < n; k++ {
				a.spread[k] = v
			}
			return
		}
	}
}

// whiten returns the innovations of x: what each value is above what those before say of it. prepare must have been called for as many.
func (a *arma) whiten(x, to []float64) []float64 {
	to = sizedTo(to, len(x))
	for i, v := range x {
		to[i] = v - a.expected(x, to, i)
	}
	return to
}

// expected returns what is expected of value i, by the values and the innovations before.
func (a *arma) expected(x, innovations []float64, i int) float64 {
	sum := 0.0
	if i >= a.least {
		for k, c := range a.ar {
			sum += c * x[i-1-k]
		}
	}
	if i > 0 {
		for k, c := range a.theta[min(i, a.settled)] {
			sum += c * innovations[i-1-k]
		}
	}
	return sum
}
