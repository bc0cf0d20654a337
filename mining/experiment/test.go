package experiment

import (
	"fmt"
	"math"
)

// An Alternative is what a test looks for, against that there is no difference.
type Alternative int

// The alternatives. The zero Alternative is TwoSided.
const (
	TwoSided Alternative = iota // the two differ
	Less                        // the first is less
	Greater                     // the first is greater
)

// A Test is the result of a test. P is the probability of a statistic at least as extreme where there is no
// difference. Where there are too few values to say anything, Statistic is 0 and P is 1.
type Test struct {
	Statistic float64
	P         float64
	DF        float64 // degrees of freedom, of tests that have them
}

// nothing is the result of too few values.
var nothing = Test{P: 1}

// An Interval is one of confidence, or of the middle part of what is believed.
type Interval struct {
	Low, High float64
}

// everything is the interval of too few values.
var everything = Interval{math.Inf(-1), math.Inf(1)}

// Contains reports whether v is in the interval, ends included.
func (i Interval) Contains(v float64) bool { return i.Low <= v && v <= i.High }

// p returns the probability by an alternative, where above is P(S >= s) and below P(S <= s).
func (a Alternative) p(below, above float64) float64 {
	switch a {
	case Less:
		return min(1, below)
	case Greater:
		return min(1, above)
	}
	return min(1, 2*min(below, above))
}

func (a Alternative) need(who string) {
	if a < TwoSided || a > Greater {
		panic("experiment: " + who + ": there is no such Alternative")
	}
}

// inside panics if p is not between 0 and 1, exclusive.
func inside(p float64, who, what string) {
	if !(p > 0 && p < 1) {
		panic(fmt.Sprintf("experiment: %s: the %s has to be between 0 and 1, not %v", who, what, p))
	}
}

// two returns the z that leaves half of 1-level above it.
func two(level float64) float64 { return -normalQuantile((1 - level) / 2) }
