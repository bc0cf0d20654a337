package behaviour

import (
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
