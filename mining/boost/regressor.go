package boost

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Regressor predicts a number: a sum of trees, or of Poisson its exponential. Fit makes
// the loss small that By names. The trees grow as those of a [Classifier] do. Of Absolute and Quantile
// a leaf adds rate times the quantile of what its events lack. Labels are clamped to ±1e100.
//
// Predict takes O(rounds × depth) time and allocates nothing once warm. Before it has learnt anything, it predicts 0, and
// of Poisson 1.
type Regressor struct{ ensemble }

// NewRegressor returns a regressor for events with that many features. It panics if there are
// less than one.
func NewRegressor(features int, opts ...Option) *Regressor {
	return &Regressor{newEnsemble(features, 0, opts, "Regressor")}
}

// Fit learns a table. It returns an error where the table has more features than the model, no
// known label, or of Poisson a label that is negative.
func (m *Regressor) Fit(t *mining.Table) error { return m.fit(t, "boost: Regressor") }

// Predict returns the estimate of the label.
func (m *Regressor) Predict(x mining.Vector) float64 {
	x.Within(m.features, "boost: Regressor")
	v := m.raw(m.expand(x), 0)
	if m.settings.loss == Poisson {
		return exp(v)
	}
	return v
}

// Explain sets to to what each feature contributes to the prediction (of Poisson: to its logarithm), and
// returns it with the mean of predictions: they add up to the prediction.
//
// The contributions are Shapley values: what a feature changes when it becomes known, in the mean over all
// orders in which features can become known. Where a feature is not known, both branches of its splits count
// by the events of the table that went there. That is TreeSHAP, Lundberg et al., "From Local Explanations to
// Global Understanding with Explainable AI for Trees", Nature Machine Intelligence 2020, of the path-dependent kind. It
// takes O(rounds × leaves × depth²) time and allocates.
func (m *Regressor) Explain(x mining.Vector, to []float64) (contributions []float64, mean float64) {
	x.Within(m.features, "boost: Regressor")
	return m.explain(m.expand(x), 0, to)
}

// Rounds returns how many rounds the model has kept.
func (m *Regressor) Rounds() int { return m.rounds() }

// Importance sets to to what splits by each feature gained, in shares of the whole, and returns it. Without a
// split all are 0.
func (m *Regressor) Importance(to []float64) []float64 { return m.importance(to) }

// SplitsBy sets to to how many splits each feature has, and returns it.
func (m *Regressor) SplitsBy(to []int) []int { return m.splitsBy(to) }

type plainRegressor Regressor

var kindRegressor = saved.As[plainRegressor]("boost.Regressor", 1)

// AppendBinary appends the whole model.
func (m *Regressor) AppendBinary(b []byte) ([]byte, error) {
	return kindRegressor.Append(b, (*plainRegressor)(m))
}

// UnmarshalBinary replaces the model by the one that was saved.
func (m *Regressor) UnmarshalBinary(data []byte) error {
	return kindRegressor.Read(data, (*plainRegressor)(m), func(p *plainRegressor) error {
		if p.classes != 0 {
			return errShape
		}
		return p.check()
	})
}
