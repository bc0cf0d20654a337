package linear

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A PassiveAggressiveNumbers is the regression of the same paper as PassiveAggressive: it stays as it
// is while a prediction is within Epsilon of the label.
type PassiveAggressiveNumbers struct {
	p pa
}

type plainPassiveAggressiveNumbers PassiveAggressiveNumbers

var kindPassiveAggressiveNumbers = saved.As[plainPassiveAggressiveNumbers]("linear.PassiveAggressiveNumbers", 1)

// NewPassiveAggressiveNumbers returns a model of events with that many features. Options are
// Aggressiveness, C, Epsilon and NoIntercept.
func NewPassiveAggressiveNumbers(features int, opts ...Option) *PassiveAggressiveNumbers {
	return &PassiveAggressiveNumbers{newPA(features, "linear: PassiveAggressiveNumbers", opts, "Aggressiveness", "C", "Epsilon", "NoIntercept")}
}

// Learn moves towards y.
func (p *PassiveAggressiveNumbers) Learn(x mining.Vector, y float64) { p.LearnWeighted(x, y, 1) }

// LearnWeighted is Learn with C times weight.
func (p *PassiveAggressiveNumbers) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: PassiveAggressiveNumbers"
	if !mining.Known(y) {
		unlabelled(x, weight, len(p.p.W), who)
		return
	}
	if weight = p.p.Config.weighed(0, weight, who); weight > 0 {
		p.p.learn(x, bound(y), weight, true, who)
	}
}

// Predict returns w·x + b.
func (p *PassiveAggressiveNumbers) Predict(x mining.Vector) float64 {
	return p.p.score(x, "linear: PassiveAggressiveNumbers")
}

// Weights returns those of the places.
func (p *PassiveAggressiveNumbers) Weights() []float64 { return append([]float64(nil), p.p.W...) }

// Intercept returns what is predicted of an event whose values are all 0.
func (p *PassiveAggressiveNumbers) Intercept() float64 { return p.p.B }

// Contributions sets to to what each place adds to Predict: with Intercept they add up to it.
func (p *PassiveAggressiveNumbers) Contributions(x mining.Vector, to []float64) []float64 {
	m := machine{W: p.p.W, Scale: 1}
	return m.contributions(x, to, "linear: PassiveAggressiveNumbers")
}

// AppendBinary appends the model.
func (p *PassiveAggressiveNumbers) AppendBinary(b []byte) ([]byte, error) {
	return kindPassiveAggressiveNumbers.Append(b, (*plainPassiveAggressiveNumbers)(p))
}

// UnmarshalBinary restores what AppendBinary appended.
func (p *PassiveAggressiveNumbers) UnmarshalBinary(data []byte) error {
	return kindPassiveAggressiveNumbers.Read(data, (*plainPassiveAggressiveNumbers)(p), func(p *plainPassiveAggressiveNumbers) error { return p.p.check() })
}
