package behaviour

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A GammaGamma predicts for how much customers buy: the orders of each vary around a mean of its own by a gamma distribution of
// shape P, and the scale of that is drawn from a gamma distribution (Q, V). It takes how often a customer buys to
// say nothing about for how much. It is Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", 2013.
type GammaGamma struct {
	P, Q, V float64
	// LogLikelihood is that of the customers that it was fitted to.
	LogLikelihood float64
}

// FitGammaGamma returns the model that is most likely for those of the customers who have ordered again, whose values have to be positive.
func FitGammaGamma(customers []History) (*GammaGamma, error) {
	var again []History
	mean := 0.0
	for i, h := range customers {
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("behaviour: FitGammaGamma: customer %d: %w", i, err)
		}
		if h.Repeats == 0 {
			continue
		}
		if !(h.Value > 0) || math.IsInf(h.Value, 0) {
			return nil, fmt.Errorf("behaviour: FitGammaGamma: customer %d: orders of %v in the mean: want more than 0", i, h.Value)
		}
		again = append(again, h)
		mean += h.Value
	}
	if len(again) == 0 {
		return nil, fmt.Errorf("behaviour: FitGammaGamma: %w: nobody has ordered again", ErrNotFitted)
	}
	scale := mean / float64(len(again))
	x, f, err := maximize(3, func(p []float64) float64 {
		m := GammaGamma{P: math.Exp(p[0]), Q: math.Exp(p[1]), V: math.Exp(p[2]) * scale}
		return m.Likelihood(again)
	})
	if err != nil {
		return nil, fmt.Errorf("behaviour: FitGammaGamma: %w", err)
	}
	return &GammaGamma{math.Exp(x[0]), math.Exp(x[1]), math.Exp(x[2]) * scale, f}, nil
}

// Likelihood returns the logarithm of how likely the values of customers are under the model. Who has not ordered again says nothing.
func (m *GammaGamma) Likelihood(customers []History) (sum float64) {
	constant := m.Q*math.Log(m.V) - lgamma(m.Q)
	for _, h := range customers {
		if h.Repeats == 0 {
			continue
		}
		px := m.P * h.Repeats
		sum += constant + lgamma(px+m.Q) - lgamma(px) + (px-1)*math.Log(h.Value) + px*math.Log(h.Repeats) - (px+m.Q)*math.Log(h.Repeats*h.Value+m.V)
	}
	return sum
}

// Value returns what an order of a customer is expected to be worth: between the customer's own mean and that of all, the nearer to
// the own, the more orders there were. Where P·Repeats + Q is not above 1 the mean does not exist, and it is NaN: for those who have not ordered
// again that is where Q is not above 1.
func (m *GammaGamma) Value(h History) float64 {
	if h.Repeats == 0 {
		if m.Q <= 1 {
			return nan
		}
		return m.V * m.P / (m.Q - 1)
	}
	px := m.P * h.Repeats
	if px+m.Q <= 1 {
		return nan
	}
	return (m.P*m.V + px*h.Value) / (px + m.Q - 1)
}

// LifetimeValue returns what a customer is expected to bring in the periods that follow, each of the unit time's length period: orders times value,
// discounted by the rate for each period, at its end. A rate of 0.01 a month is 12.7 % a year.
func LifetimeValue(orders *BGNBD, value *GammaGamma, h History, periods int, period, rate float64) (sum float64) {
	if periods < 0 || !(period > 0) || !(rate > -1) {
		panic(fmt.Sprintf("behaviour: LifetimeValue of %d periods of %v with a rate of %v", periods, period, rate))
	}
	worth, before := value.Value(h), 0.0
	for i := 1; i <= periods; i++ {
		until := orders.Orders(h, float64(i)*period)
		sum += (until - before) * worth / math.Pow(1+rate, float64(i))
		before = until
	}
	return sum
}

type plainGammaGamma GammaGamma

var kindGammaGamma = saved.As[plainGammaGamma]("behaviour.GammaGamma", 1)

// AppendBinary appends the model.
func (m *GammaGamma) AppendBinary(b []byte) ([]byte, error) {
	return kindGammaGamma.Append(b, (*plainGammaGamma)(m))
}

// UnmarshalBinary replaces the model by what AppendBinary has appended.
func (m *GammaGamma) UnmarshalBinary(data []byte) error {
	return kindGammaGamma.Read(data, (*plainGammaGamma)(m), nil)
}
