package eval

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A sum adds numbers up and keeps what rounding cuts off, so that parts may be merged in any order.
// It is Neumaier's variant of Kahan's summation: "Rundungsfehleranalyse einiger Verfahren zur
// Summation endlicher Summen", ZAMM 54, 1974.
type sum struct{ Total, Lost float64 }

func (s *sum) add(v float64) {
	t := s.Total + v
	if math.Abs(s.Total) >= math.Abs(v) {
		s.Lost += s.Total - t + v
	} else {
		s.Lost += v - t + s.Total
	}
	s.Total = t
}

func (s *sum) merge(o sum) {
	s.add(o.Total)
	s.Lost += o.Lost
}

func (s *sum) scale(by float64) { s.Total, s.Lost = s.Total*by, s.Lost*by }

func (s sum) value() float64 {
	if v := s.Total + s.Lost; v == v {
		return v
	}
	return s.Total
}

// weigh panics if a weight is none.
func weigh(w float64, who string) {
	if !(w >= 0) || !mining.Known(w) {
		panic(fmt.Sprintf("eval: %s: a weight is 0 or more, not %v", who, w))
	}
}

// fading panics if a factor to scale with is none.
func fading(by float64, who string) {
	if !(by > 0) || !mining.Known(by) {
		panic(fmt.Sprintf("eval: %s: a factor is greater than 0, not %v", who, by))
	}
}

// batch panics if the parts of a batch differ in length. Weights may be missing.
func batch(labels, predicted, weights []float64, who string) {
	if len(labels) != len(predicted) || weights != nil && len(weights) != len(labels) {
		panic(fmt.Sprintf("eval: %s: %d labels, %d predictions and %d weights", who, len(labels), len(predicted), len(weights)))
	}
}

func weightOf(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// over is a/b, and zero if b is 0.
func over(a, b, zero float64) float64 {
	if b == 0 {
		return zero
	}
	return a / b
}
