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
}

// An answer is what a model says of an event. The memory is used again for the next.
type answer struct {
	prediction, probability float64
	all                     []float64 // the probability of each class
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
}

func (c *classifier) answer(x mining.Vector, to *answer) {
	to.all = c.classes.Probabilities(x, to.all)
	class := mining.Class(to.all)
	to.prediction = float64(class)
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

// A regressor is a mining.Regressor as a model.
type regressor struct {
	mining.Saved
	learner   mining.Learner
	predictor mining.Regressor
}

func (r *regressor) answer(x mining.Vector, to *answer) { to.prediction = r.predictor.Predict(x) }
func (r *regressor) learn(x mining.Vector, y float64)   { r.learner.Learn(x, y) }

// An outlier is a mining.Outlier as a model.
type outlier struct {
	mining.Saved
	judge mining.Outlier
}

func (o *outlier) answer(x mining.Vector, to *answer) { to.prediction = o.judge.Score(x) }
func (o *outlier) learn(x mining.Vector, _ float64)   { o.judge.Learn(x) }
