package miningtest

import (
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
)

// A Model says how a model of type M is checked.
type Model[M mining.Saved] struct {
	// New returns a model that has learnt nothing, always with the same options.
	New func() M
	// Learn has m learn an event. The label of an [Outlier] means nothing.
	Learn func(m M, x mining.Vector, y float64)
	// Fit has m learn a table. A model has either Learn or Fit.
	Fit func(m M, t *mining.Table) error
	// Answer appends all that m says of an event.
	Answer func(m M, x mining.Vector, to []float64) []float64
	// Merge has a learn what b has learnt. Nil: models do not merge.
	Merge func(a, b M)
	// Tolerance is how far, relative to 1 and to the answer, the answers of merged parts may be
	// from those of a model that learnt the whole. 0: 1e-9.
	Tolerance float64
	// Features is the number of places.
	Features int
	// Label draws the label of an event. Nil: 0 and 1, after the sign of the sum of the values.
	Label func(random *rand.Rand, x mining.Vector) float64
	// Sparse has half of the events carry their values by Put.
	Sparse bool
	// Positive has all values be 0, 1, 2 or 3: what counts are.
	Positive bool
	// Events is how many events are learnt. 0: 2,000.
	Events int
	// Bytes bounds what the model takes when it is saved, however many events came. 0: 64 KiB.
	Bytes int
	// Unlabelled says that the model has no use for labels. An [Outlier] has none anyway.
	Unlabelled bool
	// Probabilities says that answers are probabilities which add up to 1.
	Probabilities bool
}

// Classifier returns what checks a classifier of events with that many features.
func Classifier[M interface {
	mining.Saved
	mining.Learner
	mining.Classifier
}](features int, build func() M) Model[M] {
	return Model[M]{
		New:           build,
		Learn:         func(m M, x mining.Vector, y float64) { m.Learn(x, y) },
		Answer:        func(m M, x mining.Vector, to []float64) []float64 { return append(to, m.Probabilities(x, nil)...) },
		Features:      features,
		Probabilities: true,
	}
}

// Regressor returns what checks a regressor of events with that many features.
func Regressor[M interface {
	mining.Saved
	mining.Learner
	mining.Regressor
}](features int, build func() M) Model[M] {
	return Model[M]{
		New:      build,
		Learn:    func(m M, x mining.Vector, y float64) { m.Learn(x, y) },
		Answer:   func(m M, x mining.Vector, to []float64) []float64 { return append(to, m.Predict(x)) },
		Features: features,
		Label: func(random *rand.Rand, x mining.Vector) float64 {
			return total(x) + random.NormFloat64()
		},
	}
}

// Outlier returns what checks a model of what is usual.
func Outlier[M interface {
	mining.Saved
	mining.Outlier
}](features int, build func() M) Model[M] {
	return Model[M]{
		New:      build,
		Learn:    func(m M, x mining.Vector, _ float64) { m.Learn(x) },
		Answer:   func(m M, x mining.Vector, to []float64) []float64 { return append(to, m.Score(x)) },
		Features: features,
		Label:    func(*rand.Rand, mining.Vector) float64 { return 0 },
	}
}

func total(x mining.Vector) (sum float64) {
	for _, v := range x.Value {
		if mining.Known(v) {
			sum += v
		}
	}
	return sum
}

// An event is what a model is handed.
type event struct {
	x mining.Vector
	y float64
}

// draw returns n events: with ties, with missing values, and some of them sparse.
func (m *Model[M]) draw(n int, seed uint64) []event {
	random := rand.New(rand.NewPCG(seed, 1))
	events := make([]event, n)
	for i := range events {
		var x mining.Vector
		sparse := m.Sparse && random.IntN(2) == 0
		for place := range m.Features {
			v := random.NormFloat64()
			switch {
			case m.Positive:
				v = float64(random.IntN(4))
			case random.IntN(8) == 0:
				v = math.Round(v) // ties
			case random.IntN(50) == 0:
				v = mining.Missing
			}
			switch {
			case !sparse:
				x.Append(v)
			case random.IntN(3) > 0:
				x.Put(place, v)
			}
		}
		events[i] = event{x, m.Label(random, x)}
	}
	return events
}

// sign is the label of models that name none.
func sign(_ *rand.Rand, x mining.Vector) float64 {
	if total(x) > 0 {
		return 1
	}
	return 0
}
