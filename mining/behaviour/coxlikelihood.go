package behaviour

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// coxData is lifetimes by time, the longest first, with features of mean 0 and standard deviation 1.
type coxData struct {
	k        int
	life     []Lifetime
	x        [][]float64
	mean, sd []float64
}

func newCoxData(lifetimes []Lifetime, features [][]float64) (*coxData, error) {
	if len(lifetimes) == 0 || len(lifetimes) != len(features) {
		return nil, fmt.Errorf("behaviour: FitCox: %d lifetimes, and features of %d", len(lifetimes), len(features))
	}
	c := &coxData{k: len(features[0])}
	if c.k == 0 {
		return nil, errors.New("behaviour: FitCox: there are no features")
	}
	happened := 0
	for i, row := range features {
		if len(row) != c.k {
			return nil, fmt.Errorf("behaviour: FitCox: row %d has %d features, and row 0 has %d", i, len(row), c.k)
		}
		for f, v := range row {
			if v-v != 0 {
				return nil, fmt.Errorf("behaviour: FitCox: feature %d of row %d is %v", f, i, v)
			}
		}
		if t := lifetimes[i].Time; !(t >= 0) {
			return nil, fmt.Errorf("behaviour: FitCox: the time of lifetime %d is %v: want 0 or more", i, t)
		}
		if lifetimes[i].Happened {
			happened++
		}
	}
	if happened == 0 {
		return nil, errors.New("behaviour: FitCox: it happened to nobody")
	}
	order := make([]int, len(lifetimes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lifetimes[b].Time, lifetimes[a].Time) })
	c.mean, c.sd = make([]float64, c.k), make([]float64, c.k)
	n := float64(len(features))
	for f := range c.k {
		for _, row := range features {
			c.mean[f] += row[f] / n
		}
		for _, row := range features {
			c.sd[f] += (row[f] - c.mean[f]) * (row[f] - c.mean[f]) / n
		}
		if c.sd[f] = math.Sqrt(c.sd[f]); c.sd[f] <= 1e-12*math.Abs(c.mean[f]) {
			return nil, fmt.Errorf("behaviour: FitCox: feature %d is the same in all rows: %w", f, ErrSeparated)
		}
	}
	for _, i := range order {
		row := make([]float64, c.k)
		for f, v := range features[i] {
			row[f] = (v - c.mean[f]) / c.sd[f]
		}
		c.life, c.x = append(c.life, lifetimes[i]), append(c.x, row)
	}
	return c, nil
}

// likelihood returns the logarithm of the partial likelihood, its gradient, and the negative of its second derivatives.
func (c *coxData) likelihood(beta []float64) (l float64, gradient []float64, hessian *mat.SymDense) {
	gradient, hessian = make([]float64, c.k), mat.NewSymDense(c.k, nil)
	all, die := newRiskSum(c.k), newRiskSum(c.k)
	mean := make([]float64, c.k)
	for i := 0; i < len(c.life); {
		die.clear()
		deaths, time := 0, c.life[i].Time
		for ; i < len(c.life) && c.life[i].Time == time; i++ {
			score := dot(beta, c.x[i])
			w := math.Exp(score)
			all.add(w, c.x[i])
			if c.life[i].Happened {
				die.add(w, c.x[i])
				deaths++
				l += score
				for f, v := range c.x[i] {
					gradient[f] += v
				}
			}
		}
		for d := range deaths { // Efron: those who tie leave one after another
			share := float64(d) / float64(deaths)
			s := all.sum - share*die.sum
			l -= math.Log(s)
			for f := range mean {
				mean[f] = (all.x[f] - share*die.x[f]) / s
				gradient[f] -= mean[f]
			}
			for f := range c.k {
				for g := f; g < c.k; g++ {
					xx := (all.xx[f*c.k+g] - share*die.xx[f*c.k+g]) / s
					hessian.SetSym(f, g, hessian.At(f, g)+xx-mean[f]*mean[g])
				}
			}
		}
	}
	return l, gradient, hessian
}

// A riskSum is a sum over those at risk.
type riskSum struct {
	sum float64
	x   []float64
	xx  []float64
}

func newRiskSum(k int) *riskSum { return &riskSum{x: make([]float64, k), xx: make([]float64, k*k)} }

func (r *riskSum) clear() {
	r.sum = 0
	clear(r.x)
	clear(r.xx)
}

func (r *riskSum) add(w float64, x []float64) {
	r.sum += w
	for f, v := range x {
		r.x[f] += w * v
		for g := f; g < len(x); g++ {
			r.xx[f*len(x)+g] += w * v * x[g]
		}
	}
}

func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// model returns the model of scaled coefficients, with the baseline.
func (c *coxData) model(beta []float64, l float64, hessian *mat.SymDense) (*Cox, error) {
	var chol mat.Cholesky
	var inverse mat.SymDense
	if !chol.Factorize(hessian) || chol.InverseTo(&inverse) != nil {
		return nil, fmt.Errorf("behaviour: FitCox: %w", ErrSeparated)
	}
	m := &Cox{LogLikelihood: l, mean: c.mean}
	for f := range c.k {
		m.Beta = append(m.Beta, beta[f]/c.sd[f])
		m.StdErr = append(m.StdErr, math.Sqrt(inverse.At(f, f))/c.sd[f])
	}
	atRisk := 0.0
	for i := 0; i < len(c.life); {
		deaths, time := 0.0, c.life[i].Time
		for ; i < len(c.life) && c.life[i].Time == time; i++ {
			atRisk += math.Exp(dot(beta, c.x[i]))
			if c.life[i].Happened {
				deaths++
			}
		}
		if deaths > 0 {
			m.times, m.hazard = append(m.times, time), append(m.hazard, deaths/atRisk)
		}
	}
	slices.Reverse(m.times)
	slices.Reverse(m.hazard)
	for i := 1; i < len(m.hazard); i++ {
		m.hazard[i] += m.hazard[i-1]
	}
	return m, nil
}
