package mining

import (
	"encoding"
	"fmt"
)

// A Learner learns one event at a time. The label y is a number to be predicted, or the number
// of a class; NaN is a label that is not known.
type Learner interface {
	Learn(x Vector, y float64)
}

// A WeightedLearner learns events that count more or less than others: LearnWeighted with weight 2 is
// as if the event came twice, or nearly, as the model says, and Learn is LearnWeighted with weight 1. A
// weight of 0 is no event. A weight that is negative, NaN or infinite panics.
type WeightedLearner interface {
	Learner
	LearnWeighted(x Vector, y, weight float64)
}

// A Fitter learns a whole table. What it had learnt before it forgets. An
// error says what is wrong with the table, and leaves the model as it was.
type Fitter interface {
	Fit(t *Table) error
}

// A Regressor predicts a number.
type Regressor interface {
	Predict(x Vector) float64
}

// A Classifier gives each class a probability.
type Classifier interface {
	// Classes returns how many classes there are, from 0 on.
	Classes() int
	// Probabilities sets to to the probability of each class and returns it: they add up to 1.
	// It allocates only if the capacity of to is less than Classes.
	Probabilities(x Vector, to []float64) []float64
}

// An Outlier says how strange an event is beside what it has learnt: the more, the stranger. The
// scale is the model's.
type Outlier interface {
	Learn(x Vector)
	Score(x Vector) float64
}

// Saved is a model that can be written down, and go on where it was. UnmarshalBinary
// replaces all that the model holds, its options included.
type Saved interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// Class returns the class with the greatest probability: of several the first. NaN is left out. Of nothing else, and of none, it
// is -1.
func Class(probabilities []float64) int {
	best := -1
	for c, p := range probabilities {
		if p == p && (best < 0 || p > probabilities[best]) {
			best = c
		}
	}
	return best
}

// ClassOf returns the class that a label is the number of, of k classes. It panics
// if the label is not one. Who names the model, "bayes: Gaussian".
func ClassOf(y float64, k int, who string) int {
	if c := int(y); float64(c) == y && c >= 0 && c < k {
		return c
	}
	panic(fmt.Sprintf("%s: the label %v is none of the classes 0 to %d", who, y, k-1))
}

// Sized returns to with a length of n, and allocates only if its capacity is less.
func Sized(to []float64, n int) []float64 {
	if cap(to) < n {
		return make([]float64, n)
	}
	return to[:n]
}
