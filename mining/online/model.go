package online

import (
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// A model is what the operators ask of a model of any kind.
type model interface {
	mining.Saved
	answer(x mining.Vector, to *answer)
	learn(x mining.Vector, y float64)
	bare() mining.Saved // the user's model
}

// An answer is what a model says of an event. The memory is used again for the next.
type answer struct {
	prediction, probability float64
	all                     []float64 // the probability of each class
	inner                   uint64    // the version that the model gives of itself
}

// probabilities returns those of more than two classes, in memory of their own.
func (a *answer) probabilities() []float64 {
	if len(a.all) <= 2 {
		return nil
	}
	return slices.Clone(a.all)
}

// A classifier is a mining.Classifier as a model.
type classifier struct {
	mining.Saved
	learner mining.Learner
	classes mining.Classifier
	inner   versioned // nil if the model has no versions of its own
}

// versioned is what tune.Rivals is: a model that is now the one and now the other.
type versioned interface{ Version() uint64 }

func versionedOf(m any) versioned {
	v, _ := m.(versioned)
	return v
}

func (c *classifier) answer(x mining.Vector, to *answer) {
	to.all = c.classes.Probabilities(x, to.all)
	class := mining.Class(to.all)
	to.prediction = float64(class)
	if c.inner != nil {
		to.inner = c.inner.Version()
	}
	switch {
	case class < 0:
		to.prediction, to.probability = math.NaN(), math.NaN()
	case len(to.all) == 2:
		to.probability = to.all[1]
	default:
		to.probability = to.all[class]
	}
}

func (c *classifier) learn(x mining.Vector, y float64) { c.learner.Learn(x, y) }
func (c *classifier) bare() mining.Saved               { return c.Saved }

// A regressor is a mining.Regressor as a model.
type regressor struct {
	mining.Saved
	learner   mining.Learner
	predictor mining.Regressor
}

func (r *regressor) answer(x mining.Vector, to *answer) { to.prediction = r.predictor.Predict(x) }
func (r *regressor) learn(x mining.Vector, y float64)   { r.learner.Learn(x, y) }
func (r *regressor) bare() mining.Saved                 { return r.Saved }

// An outlier is a mining.Outlier as a model.
type outlier struct {
	mining.Saved
	judge mining.Outlier
}

func (o *outlier) answer(x mining.Vector, to *answer) { to.prediction = o.judge.Score(x) }
func (o *outlier) learn(x mining.Vector, _ float64)   { o.judge.Learn(x) }
func (o *outlier) bare() mining.Saved                 { return o.Saved }
