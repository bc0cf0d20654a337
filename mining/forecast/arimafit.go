package forecast

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// An arimaFit looks for the parameters of an ARIMA of a differenced series with differenced regressors.
type arimaFit struct {
	model   *ARIMA
	y       []float64
	x       [][]float64 // columns
	process arma

	white      []float64
	columns    [][]float64 // white ones
	gram       *mat.SymDense
	beta, rest []float64
	sigma2     float64
	likelihood float64
}

// whiten finds the likelihood with parameters, and with it the coefficients of the regressors. It reports whether there is one.
func (f *arimaFit) whiten(free []float64) bool {
	for _, v := range free {
		if !(math.Abs(v) < 1e4) { // its partial autocorrelation is 1
			return false
		}
	}
	ar, ma := f.model.polynomials(free)
	if !f.process.set(ar, ma) {
		return false
	}
	n := len(f.y)
	f.process.prepare(n)
	for _, v := range f.process.spread[:n] {
		if !(v > 0) {
			return false
		}
	}
	f.white = f.process.whiten(f.y, f.white)
	if f.columns == nil {
		f.columns = make([][]float64, len(f.x))
	}
	for k, c := range f.x {
		f.columns[k] = f.process.whiten(c, f.columns[k])
	}
	if !f.regress() {
		return false
	}
	squares, logs := 0.0, 0.0
	for i, r := range f.rest {
		v := f.process.spread[i]
		squares += r * r / v
		logs += math.Log(v)
	}
	f.sigma2 = squares / float64(n)
	f.likelihood = -0.5 * (float64(n)*(math.Log(2*math.Pi*f.sigma2)+1) + logs)
	return f.likelihood-f.likelihood == 0
}

// regress finds the coefficients of the white regressors, by least squares with the weights of the innovations.
func (f *arimaFit) regress() bool {
	f.rest = append(f.rest[:0], f.white...)
	k := len(f.columns)
	if k == 0 {
		return true
	}
	if f.gram == nil {
		f.gram, f.beta = mat.NewSymDense(k, nil), make([]float64, k)
	}
	right := mat.NewVecDense(k, nil)
	for a, c := range f.columns {
		for b := a; b < k; b++ {
			sum := 0.0
			for i, v := range c {
				sum += v * f.columns[b][i] / f.process.spread[i]
			}
			f.gram.SetSym(a, b, sum)
		}
		sum := 0.0
		for i, v := range c {
			sum += v * f.white[i] / f.process.spread[i]
		}
		right.SetVec(a, sum)
	}
	var factor mat.Cholesky
	if !factor.Factorize(f.gram) || factor.Cond() > 1e14 {
		return false
	}
	beta := mat.NewVecDense(k, f.beta)
	if factor.SolveVecTo(beta, right) != nil {
		return false
	}
	for a, c := range f.columns {
		for i, v := range c {
			f.rest[i] -= f.beta[a] * v
		}
	}
	return true
}

// standardErrors returns those of the regressors' coefficients.
func (f *arimaFit) standardErrors() []float64 {
	k := len(f.columns)
	if k == 0 {
		return nil
	}
	var factor mat.Cholesky
	var inverse mat.SymDense
	errors := make([]float64, k)
	if !factor.Factorize(f.gram) || factor.InverseTo(&inverse) != nil {
		return unknown(k)
	}
	for i := range errors {
		errors[i] = math.Sqrt(inverse.At(i, i) * f.sigma2)
	}
	return errors
}

// fit returns the parameters of the greatest likelihood.
func (f *arimaFit) fit(parameters int) ([]float64, error) {
	start := make([]float64, parameters)
	if !f.whiten(start) {
		return nil, f.refuses()
	}
	if f.sigma2 == 0 || parameters == 0 {
		return start, nil
	}
	less := func(x []float64) float64 {
		if !f.whiten(x) {
			return math.Inf(1)
		}
		return -f.likelihood / float64(len(f.y))
	}
	starts := f.starts(less, parameters)
	if f.model.quick {
		x, _ := f.climb(less, starts[0])
		return x, nil
	}
	best, least := starts[0], less(starts[0])
	for _, from := range starts {
		if x, v := f.climb(less, from); v < least {
			best, least = x, v
		}
	}
	// Once more from further within, as a peak at the border may have another beside it.
	within := slices.Clone(best)
	for k, x := range within {
		r := 0.85 * x / math.Sqrt(1+x*x)
		within[k] = r / math.Sqrt(1-r*r)
	}
	if x, v := f.climb(less, within); v < least {
		best = x
	}
	return best, nil
}

// starts returns where to begin: the likelihood has several peaks, and the best of points that are spread all over, and not near each other, are near the
// highest, as a rule. The points are Halton's, so that they are always the same.
func (f *arimaFit) starts(less func([]float64) float64, parameters int) [][]float64 {
	type point struct {
		x []float64
		v float64
	}
	all := []point{{make([]float64, parameters), 0}}
	for i := 1; i <= 16*parameters; i++ {
		p := point{x: make([]float64, parameters)}
		for k := range p.x {
			r := 1.96*halton(i, primes[k%len(primes)]) - 0.98
			p.x[k] = r / math.Sqrt(1-r*r)
		}
		all = append(all, p)
	}
	for i := range all {
		all[i].v = less(all[i].x)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].v < all[j].v })
	var starts [][]float64
	for _, p := range all {
		apart := true
		for _, s := range starts {
			apart = apart && distance(s, p.x) > 0.8
		}
		if apart && len(starts) < 4 {
			starts = append(starts, p.x)
		}
	}
	return starts
}

// distance returns how far two points are apart, as partial autocorrelations.
func distance(a, b []float64) (d float64) {
	for k, x := range a {
		d = max(d, math.Abs(x/math.Sqrt(1+x*x)-b[k]/math.Sqrt(1+b[k]*b[k])))
	}
	return d
}

var primes = []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37}

// halton returns the i-th number of the sequence of that base, between 0 and 1.
func halton(i, base int) (x float64) {
	for f := 1 / float64(base); i > 0; f /= float64(base) {
		x += f * float64(i%base)
		i /= base
	}
	return x
}

// climb is by Broyden, Fletcher, Goldfarb and Shanno's rule, and where that stops, the rest of the way by a simplex.
func (f *arimaFit) climb(less func([]float64) float64, start []float64) ([]float64, float64) {
	slope := func(grad, x []float64) {
		const h = 1e-6
		at := slices.Clone(x)
		for i, v := range x {
			at[i] = v + h
			up := less(at)
			at[i] = v - h
			down := less(at)
			at[i] = v
			if grad[i] = (up - down) / (2 * h); grad[i]-grad[i] != 0 {
				grad[i] = 0
			}
		}
	}
	x, v := start, less(start)
	result, _ := optimize.Minimize(optimize.Problem{Func: less, Grad: slope}, start,
		&optimize.Settings{MajorIterations: 60, GradientThreshold: 1e-7}, &optimize.BFGS{})
	if result != nil && result.F < v {
		x, v = result.X, result.F
	}
	steps := make([]float64, len(x))
	for i := range steps {
		steps[i] = 0.02
	}
	if y, w := minimize(less, x, steps, 60*len(x), 1e-11); w < v {
		x, v = y, w
	}
	return x, v
}

func (f *arimaFit) refuses() error {
	if f.gram != nil {
		var factor mat.Cholesky
		if !factor.Factorize(f.gram) || factor.Cond() > 1e14 {
			return fmt.Errorf("forecast: %v: after differencing a regressor is 0, or says what others say: leave it out", f.model)
		}
	}
	return fmt.Errorf("forecast: %v has no likelihood for these values", f.model)
}
