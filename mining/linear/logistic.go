package linear

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Logistic gives the odds of class 1 against class 0 as the exponential of a linear score:
//
//	P(1 | x) = 1 / (1 + e^-(w·x + b))
//
// Learn takes a step of stochastic gradient descent. Fit solves for the weights of a whole table. It
// takes 8 bytes a place. Learn and Probability take time that grows with the values of the event (with
// L2, too), and allocate nothing.
type Logistic struct {
	m machine
}

type plainLogistic Logistic

var kindLogistic = saved.As[plainLogistic]("linear.Logistic", 1)

// NewLogistic returns a model of events with that many features. Options are Rate, InterceptRate,
// Inverse, AdaGrad, Adam, L1, L2, ClassWeights, NoIntercept, and, for Fit, C.
func NewLogistic(features int, opts ...Option) *Logistic {
	const who = "linear: Logistic"
	size(features, who)
	c := configured(who, config{Rate: 0.01, InterceptRate: 0.01, C: 1}, opts,
		"Rate", "InterceptRate", "Inverse", "AdaGrad", "Adam", "L1", "L2", "ClassWeights", "NoIntercept", "C")
	twoClasses(c, who)
	return &Logistic{newMachine(features, c)}
}

func twoClasses(c config, who string) {
	if n := len(c.Weights); n != 0 && n != 2 {
		panic(who + ": ClassWeights: there are two classes")
	}
}

// Learn takes a step towards y, 0 or 1.
func (l *Logistic) Learn(x mining.Vector, y float64) {
	if (y == 0 || y == 1) && l.m.Config.Weights == nil {
		l.m.learn(x, 2*y-1, 1, "linear: Logistic")
		return
	}
	l.LearnWeighted(x, y, 1)
}

// LearnWeighted takes a step that is weight times as long.
func (l *Logistic) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: Logistic"
	if !mining.Known(y) {
		unlabelled(x, weight, len(l.m.W), who)
		return
	}
	class := mining.ClassOf(y, 2, who)
	if weight = l.m.Config.weighed(class, weight, who); weight > 0 {
		l.m.learn(x, sign(class), weight, who)
	}
}

// Score returns the logarithm of the odds of class 1.
func (l *Logistic) Score(x mining.Vector) float64 { return l.m.score(x, "linear: Logistic") }

// Probability returns the probability of class 1.
func (l *Logistic) Probability(x mining.Vector) float64 { return sigmoid(l.Score(x)) }

// Classes returns 2.
func (l *Logistic) Classes() int { return 2 }

// Probabilities sets to to those of both classes.
func (l *Logistic) Probabilities(x mining.Vector, to []float64) []float64 {
	return pair(l.Probability(x), to)
}

func pair(p float64, to []float64) []float64 {
	to = mining.Sized(to, 2)
	to[0], to[1] = 1-p, p
	return to
}

// Weights returns those of the places.
func (l *Logistic) Weights() []float64 { return l.m.weights() }

// Intercept returns the score of an event whose values are all 0.
func (l *Logistic) Intercept() float64 { return l.m.B }

// Contributions sets to to what each place adds to Score: with Intercept they add up to it.
func (l *Logistic) Contributions(x mining.Vector, to []float64) []float64 {
	return l.m.contributions(x, to, "linear: Logistic")
}

// AppendBinary appends the model.
func (l *Logistic) AppendBinary(b []byte) ([]byte, error) {
	return kindLogistic.Append(b, (*plainLogistic)(l))
}

// UnmarshalBinary restores what AppendBinary appended.
func (l *Logistic) UnmarshalBinary(data []byte) error {
	return kindLogistic.Read(data, (*plainLogistic)(l), func(l *plainLogistic) error { return l.m.check() })
}
