package eval

import (
	"fmt"
	"math"
)

// An Average is how figures of classes become one.
type Average uint8

const (
	// Macro is the mean of the classes that occur, as a label or a prediction. Each counts the same.
	Macro Average = iota
	// Weighted is the mean of the classes, each weighed by its labels.
	Weighted
	// Micro counts the pairs of all classes together. Of pairs with one label each it is the accuracy.
	Micro
)

// PrecisionOf returns the share of a class's predictions that are right: 0 if there was none.
func (c *Confusion) PrecisionOf(class int) float64 {
	return c.none(over(c.Count(class, class), c.Predicted(class), 0))
}

// RecallOf returns the share of a class's labels that were predicted: 0 if there was none.
func (c *Confusion) RecallOf(class int) float64 {
	return c.none(over(c.Count(class, class), c.Labelled(class), 0))
}

// FOf returns the weighted harmonic mean of a class's precision and recall,
//
//	(1+beta²)·tp / ((1+beta²)·tp + beta²·fn + fp)
//
// in which recall counts beta times as much: beta is 1 for the usual F1. It is 0 if
// the class is neither a label nor predicted. It is van Rijsbergen, "Information Retrieval", 1979.
func (c *Confusion) FOf(class int, beta float64) float64 {
	b := betaOf(beta)
	return c.none(over((1+b)*c.Count(class, class), b*c.Labelled(class)+c.Predicted(class), 0))
}

func betaOf(beta float64) float64 {
	if !(beta >= 0) || math.IsInf(beta, 1) {
		panic(fmt.Sprintf("eval: Confusion: the beta of F is 0 or more, not %v", beta))
	}
	return beta * beta
}

// Precision returns the average precision of the classes.
func (c *Confusion) Precision(a Average) float64 { return c.average(a, c.PrecisionOf) }

// Recall returns the average recall of the classes.
func (c *Confusion) Recall(a Average) float64 { return c.average(a, c.RecallOf) }

// F returns the average F of the classes.
func (c *Confusion) F(a Average, beta float64) float64 {
	return c.average(a, func(class int) float64 { return c.FOf(class, beta) })
}

// BalancedAccuracy returns the mean recall of the classes that are labels.
func (c *Confusion) BalancedAccuracy() float64 {
	total, n := 0.0, 0.0
	for class := range c.k {
		if c.Labelled(class) > 0 {
			total, n = total+c.RecallOf(class), n+1
		}
	}
	return total / n
}

func (c *Confusion) average(a Average, of func(class int) float64) float64 {
	if a == Micro {
		return c.Accuracy() // each pair has one label and one prediction: every one of the figures is this
	}
	total, weight := 0.0, 0.0
	for class := range c.k {
		labelled := c.Labelled(class)
		switch {
		case a == Weighted && labelled > 0:
			total, weight = total+labelled*of(class), weight+labelled
		case a == Macro && (labelled > 0 || c.Predicted(class) > 0):
			total, weight = total+of(class), weight+1
		}
	}
	return total / weight
}

// none is the answer of no pairs at all.
func (c *Confusion) none(v float64) float64 {
	if c.Total() == 0 {
		return math.NaN()
	}
	return v
}
