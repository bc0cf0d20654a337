package behaviour

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A History is what a customer has bought until now. Times are in any one unit, days or weeks, and count from the
// first order.
type History struct {
	Repeats float64 // orders after the first
	Last    float64 // time of the last one; 0 if there is none
	Age     float64 // time of now
	// Value is the mean value of the orders after the first, for GammaGamma.
	Value float64
}

// check returns what is wrong with a history.
func (h History) check() error {
	known := h.Repeats-h.Repeats == 0 && h.Last-h.Last == 0 && h.Age-h.Age == 0
	if !known || h.Repeats < 0 || h.Last < 0 || h.Last > h.Age || (h.Repeats == 0) != (h.Last == 0) {
		return fmt.Errorf("%v repeated orders, the last at %v of %v: want 0 ≤ Last ≤ Age, and Last 0 exactly where there are none", h.Repeats, h.Last, h.Age)
	}
	return nil
}

// ErrNotFitted says that no parameters were found: the likelihood has no maximum that can be reached, as with too few
// customers, or with customers who are all alike.
var ErrNotFitted = errors.New("the model cannot be fitted to these customers")

// A BGNBD predicts how often customers buy who never say goodbye: each buys at a rate of its own, drawn from a gamma distribution (R, Alpha), and
// after each order stays away for good with a chance of its own, drawn from a beta distribution (A, B). It is
// the BG/NBD model: Fader, Hardie and Lee, "Counting Your Customers the Easy Way", Marketing Science 24, 2005.
type BGNBD struct {
	R, Alpha, A, B float64
	// LogLikelihood is that of the customers that it was fitted to.
	LogLikelihood float64
}

// FitBGNBD returns the model that is most likely for customers: a search by Nelder and Mead in the logarithms of
// the parameters, begun anew from where it ends until that gains nothing. It takes some thousand evaluations, each of all customers.
func FitBGNBD(customers []History) (*BGNBD, error) {
	longest := 0.0
	for i, h := range customers {
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("behaviour: FitBGNBD: customer %d: %w", i, err)
		}
		longest = max(longest, h.Age)
	}
	if longest == 0 {
		return nil, fmt.Errorf("behaviour: FitBGNBD: %w: nobody has been a customer for any time", ErrNotFitted)
	}
	scale := 10 / longest // so that the start is near, whatever the unit
	x, f, err := maximize(4, func(p []float64) float64 {
		m := BGNBD{R: math.Exp(p[0]), Alpha: math.Exp(p[1]) / scale, A: math.Exp(p[2]), B: math.Exp(p[3])}
		return m.Likelihood(customers)
	})
	if err != nil {
		return nil, fmt.Errorf("behaviour: FitBGNBD: %w", err)
	}
	return &BGNBD{math.Exp(x[0]), math.Exp(x[1]) / scale, math.Exp(x[2]), math.Exp(x[3]), f}, nil
}

// maximize returns where a function of the logarithms of n parameters is greatest.
func maximize(n int, f func([]float64) float64) (x []float64, most float64, err error) {
	x, most = make([]float64, n), math.Inf(-1)
	p := optimize.Problem{Func: func(x []float64) float64 {
		if v := f(x); v-v == 0 {
			return -v
		}
		return math.MaxFloat64 // NaN and infinities are nowhere to go
	}}
	for range 20 {
		r, err := optimize.Minimize(p, x, &optimize.Settings{
			MajorIterations: 4000,
			Converger:       &optimize.FunctionConverge{Absolute: 1e-10, Relative: 1e-13, Iterations: 60},
		}, &optimize.NelderMead{})
		if err != nil || r.F == math.MaxFloat64 {
			return nil, 0, ErrNotFitted
		}
		gained := -r.F - most
		x, most = r.X, -r.F
		if gained < 1e-9*max(1, math.Abs(most)) {
			break
		}
	}
	for _, v := range x {
		if math.Abs(v) > 25 { // a parameter of 1e11, or of 1e-11
			return nil, 0, ErrNotFitted
		}
	}
	return x, most, nil
}

// Likelihood returns the logarithm of how likely customers are under the model.
func (m *BGNBD) Likelihood(customers []History) (sum float64) {
	constant := m.R*math.Log(m.Alpha) - lgamma(m.R) + lgamma(m.A+m.B) - lgamma(m.B)
	for _, h := range customers {
		x := h.Repeats
		all := constant + lgamma(m.R+x) + lgamma(m.B+x) - lgamma(m.A+m.B+x)
		alive := -(m.R + x) * math.Log(m.Alpha+h.Age)
		if x == 0 {
			sum += all + alive
			continue
		}
		gone := math.Log(m.A) - math.Log(m.B+x-1) - (m.R+x)*math.Log(m.Alpha+h.Last)
		high := max(alive, gone)
		sum += all + high + math.Log(math.Exp(alive-high)+math.Exp(gone-high))
	}
	return sum
}

// Alive returns the chance that a customer has not gone for good. It is 1 for those who have not ordered again: the model has
// customers leave after a repeated order only.
func (m *BGNBD) Alive(h History) float64 {
	if h.Repeats == 0 {
		return 1
	}
	return 1 / (1 + m.odds(h))
}

// odds are those of a customer having gone.
func (m *BGNBD) odds(h History) float64 {
	return m.A / (m.B + h.Repeats - 1) * math.Exp((m.R+h.Repeats)*math.Log((m.Alpha+h.Age)/(m.Alpha+h.Last)))
}

// Orders returns how many orders a customer is expected to make in the time that follows. It panics if the time is negative.
func (m *BGNBD) Orders(h History, time float64) float64 {
	if !(time >= 0) {
		panic(fmt.Sprintf("behaviour: BGNBD.Orders in a time of %v: want 0 or more", time))
	}
	if math.Abs(m.A-1) < 1e-6 { // where the formula is 0/0: what it is on both sides of that
		below, above := *m, *m
		below.A, above.A = 1-2e-6, 1+2e-6
		return (below.Orders(h, time) + above.Orders(h, time)) / 2
	}
	x, z := h.Repeats, time/(m.Alpha+h.Age+time)
	// Equation 10 of the paper, with Euler's transformation of its hypergeometric function, whose terms
	// stay small for customers with hundreds of orders.
	left := 1 - math.Pow(1-z, m.A-1)*hypergeometric(m.A+m.B-1-m.R, m.A-1, m.A+m.B+x-1, z)
	orders := (m.A + m.B + x - 1) / (m.A - 1) * left
	if x > 0 {
		orders /= 1 + m.odds(h)
	}
	return max(0, orders)
}

// hypergeometric returns 2F1(a, b; c; z) for 0 ≤ z < 1, by its series.
func hypergeometric(a, b, c, z float64) float64 {
	sum, term := 1.0, 1.0
	for n := 0.0; n < 1e6; n++ {
		term *= (a + n) * (b + n) / (c + n) * z / (n + 1)
		sum += term
		if math.Abs(term) <= 1e-16*math.Abs(sum)*(1-z) {
			break
		}
	}
	return sum
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

type plainBGNBD BGNBD

var kindBGNBD = saved.As[plainBGNBD]("behaviour.BGNBD", 1)

// AppendBinary appends the model.
func (m *BGNBD) AppendBinary(b []byte) ([]byte, error) {
	return kindBGNBD.Append(b, (*plainBGNBD)(m))
}

// UnmarshalBinary replaces the model by what AppendBinary has appended.
func (m *BGNBD) UnmarshalBinary(data []byte) error {
	return kindBGNBD.Read(data, (*plainBGNBD)(m), nil)
}
