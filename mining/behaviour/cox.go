package behaviour

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Cox says how features raise or lower the rate at which something happens: by the factor exp(Beta·x), at all times the same. It is
// Cox, "Regression Models and Life-Tables", 1972; ties are Efron's, "The Efficiency of Cox's Likelihood Function for
// Censored Data", JASA 72, 1977.
type Cox struct {
	Beta          []float64
	StdErr        []float64
	LogLikelihood float64

	mean   []float64 // of the features, at which the baseline is
	times  []float64 // at which it happened
	hazard []float64 // cumulative, at the mean: Breslow's
}

// ErrSeparated says that the likelihood has no maximum: a feature, or a sum of some, tells all to whom it happens earlier from all
// others, or features are sums of each other.
var ErrSeparated = errors.New("the features separate who it happens to, or depend on each other")

// FitCox returns the model that is most likely. Row i of features belongs to lifetime i. It takes some ten rounds of Newton's method, each of them
// time for each lifetime and pair of features. Features that differ much in scale are no trouble: they are scaled
// within.
func FitCox(lifetimes []Lifetime, features [][]float64) (*Cox, error) {
	c, err := newCoxData(lifetimes, features)
	if err != nil {
		return nil, err
	}
	beta := make([]float64, c.k)
	most, gradient, hessian := c.likelihood(beta)
	for range 100 {
		var step mat.VecDense
		var chol mat.Cholesky
		if !chol.Factorize(hessian) || chol.Cond() > 1e12 {
			return nil, fmt.Errorf("behaviour: FitCox: %w", ErrSeparated)
		}
		if err := chol.SolveVecTo(&step, mat.NewVecDense(c.k, gradient)); err != nil {
			return nil, fmt.Errorf("behaviour: FitCox: %w", ErrSeparated)
		}
		// Half the step until it gains: the likelihood is concave, so it does in the end.
		size, next := 1.0, make([]float64, c.k)
		var l float64
		var g []float64
		var h *mat.SymDense
		for {
			for i := range next {
				next[i] = beta[i] + size*step.AtVec(i)
			}
			if l, g, h = c.likelihood(next); l >= most-1e-12*math.Abs(most) || size < 1e-8 {
				break
			}
			size /= 2
		}
		largest := 0.0
		for i, b := range next {
			largest = max(largest, math.Abs(b-beta[i]))
			if math.Abs(b) > 50 { // of a feature with a standard deviation of 1: e^50
				return nil, fmt.Errorf("behaviour: FitCox: %w", ErrSeparated)
			}
		}
		beta, most, gradient, hessian = next, l, g, h
		for f := range beta {
			if hessian.At(f, f) < 1e-7 { // the likelihood has become flat: its top is at infinity
				return nil, fmt.Errorf("behaviour: FitCox: %w", ErrSeparated)
			}
		}
		if largest < 1e-11 {
			return c.model(beta, most, hessian)
		}
	}
	return nil, fmt.Errorf("behaviour: FitCox: %w", ErrSeparated)
}

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

// Risk returns by what factor the rate of somebody with these features is that of one who has the mean of all of them. It panics if
// there are not as many as the model has.
func (m *Cox) Risk(features []float64) float64 {
	if len(features) != len(m.Beta) {
		panic(fmt.Sprintf("behaviour: Cox.Risk of %d features: the model has %d", len(features), len(m.Beta)))
	}
	sum := 0.0
	for f, v := range features {
		sum += m.Beta[f] * (v - m.mean[f])
	}
	return math.Exp(sum)
}

// Survival returns the chance that it has not happened by a time to somebody with these features. Behind the last time at which it
// happened to anybody it stays as it was.
func (m *Cox) Survival(features []float64, time float64) float64 {
	i, found := slices.BinarySearch(m.times, time)
	if found {
		i++
	}
	if i == 0 {
		return 1
	}
	return math.Exp(-m.hazard[i-1] * m.Risk(features))
}

// P returns the p-value of each coefficient being 0, by Wald's test.
func (m *Cox) P() []float64 {
	p := make([]float64, len(m.Beta))
	for f, b := range m.Beta {
		p[f] = 2 * distuv.UnitNormal.Survival(math.Abs(b/m.StdErr[f]))
	}
	return p
}

type plainCox struct {
	Beta, StdErr        []float64
	LogLikelihood       float64
	Mean, Times, Hazard []float64
}

var kindCox = saved.As[plainCox]("behaviour.Cox", 1)

// AppendBinary appends the model.
func (m *Cox) AppendBinary(b []byte) ([]byte, error) {
	return kindCox.Append(b, &plainCox{m.Beta, m.StdErr, m.LogLikelihood, m.mean, m.times, m.hazard})
}

// UnmarshalBinary replaces the model by what AppendBinary has appended.
func (m *Cox) UnmarshalBinary(data []byte) error {
	var p plainCox
	err := kindCox.Read(data, &p, func(p *plainCox) error {
		if len(p.StdErr) != len(p.Beta) || len(p.Mean) != len(p.Beta) || len(p.Times) != len(p.Hazard) {
			return fmt.Errorf("%d coefficients, %d means, %d times, %d hazards", len(p.Beta), len(p.Mean), len(p.Times), len(p.Hazard))
		}
		return nil
	})
	if err == nil {
		*m = Cox{p.Beta, p.StdErr, p.LogLikelihood, p.Mean, p.Times, p.Hazard}
	}
	return err
}
