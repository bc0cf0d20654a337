package linear

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Regression predicts a number: w·x + b. Learn takes a step down the gradient of the loss, which is
// (w·x + b - y)²/2 if the options name no other. Fit solves for the least squares of a whole
// table. It takes 8 bytes a place, and Learn and Predict allocate nothing.
type Regression struct {
	m machine
}

type plainRegression Regression

var kindRegression = saved.As[plainRegression]("linear.Regression", 1)

// NewRegression returns a model of events with that many features. Options are Rate, InterceptRate,
// Inverse, AdaGrad, Adam, L1, L2, Huber, Quantile, NoIntercept, and, for Fit, Ridge.
func NewRegression(features int, opts ...Option) *Regression {
	const who = "linear: Regression"
	size(features, who)
	return &Regression{newMachine(features, configured(who, config{Rate: 0.01, InterceptRate: 0.01, Loss: squared}, opts,
		"Rate", "InterceptRate", "Inverse", "AdaGrad", "Adam", "L1", "L2", "Huber", "Quantile", "NoIntercept", "Ridge"))}
}

// Learn takes a step towards y.
func (r *Regression) Learn(x mining.Vector, y float64) { r.LearnWeighted(x, y, 1) }

// LearnWeighted takes a step that is weight times as long.
func (r *Regression) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: Regression"
	if !mining.Known(y) {
		unlabelled(x, weight, len(r.m.W), who)
		return
	}
	if weight = r.m.Config.weighed(0, weight, who); weight > 0 {
		r.m.learn(x, bound(y), weight, who)
	}
}

// Predict returns w·x + b.
func (r *Regression) Predict(x mining.Vector) float64 { return r.m.score(x, "linear: Regression") }

// Weights returns those of the places.
func (r *Regression) Weights() []float64 { return r.m.weights() }

// Intercept returns what is predicted of an event whose values are all 0.
func (r *Regression) Intercept() float64 { return r.m.B }

// Contributions sets to to what each place adds to Predict: with Intercept they add up to it.
func (r *Regression) Contributions(x mining.Vector, to []float64) []float64 {
	return r.m.contributions(x, to, "linear: Regression")
}

// AppendBinary appends the model.
func (r *Regression) AppendBinary(b []byte) ([]byte, error) {
	return kindRegression.Append(b, (*plainRegression)(r))
}

// UnmarshalBinary restores what AppendBinary appended.
func (r *Regression) UnmarshalBinary(data []byte) error {
	return kindRegression.Read(data, (*plainRegression)(r), func(r *plainRegression) error { return r.m.check() })
}
