package linear

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An SVM is a linear support vector machine: steps down the gradient of the hinge loss, max(0, 1 - y·(w·x + b))
// with y -1 or 1, push an event out of the margin, and leave those alone that are
// out of it. With L2 it is Pegasos, but for the projection: Shalev-Shwartz, Singer and
// Srebro, "Pegasos: Primal Estimated sub-GrAdient SOlver for SVM", ICML 2007.
//
// It knows no probabilities: package calibrate makes them of Score. It takes 8 bytes a
// place, and allocates nothing for an event.
type SVM struct {
	m machine
}

type plainSVM SVM

var kindSVM = saved.As[plainSVM]("linear.SVM", 1)

// NewSVM returns a model of events with that many features. Options are Rate, InterceptRate,
// Inverse, AdaGrad, Adam, L1, L2, ClassWeights and NoIntercept.
func NewSVM(features int, opts ...Option) *SVM {
	const who = "linear: SVM"
	size(features, who)
	c := configured(who, config{Rate: 0.01, InterceptRate: 0.01, Loss: hinge}, opts,
		"Rate", "InterceptRate", "Inverse", "AdaGrad", "Adam", "L1", "L2", "ClassWeights", "NoIntercept")
	twoClasses(c, who)
	return &SVM{newMachine(features, c)}
}

// Learn takes a step towards y, 0 or 1.
func (s *SVM) Learn(x mining.Vector, y float64) { s.LearnWeighted(x, y, 1) }

// LearnWeighted takes a step that is weight times as long.
func (s *SVM) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: SVM"
	if !mining.Known(y) {
		unlabelled(x, weight, len(s.m.W), who)
		return
	}
	class := mining.ClassOf(y, 2, who)
	if weight = s.m.Config.weighed(class, weight, who); weight > 0 {
		s.m.learn(x, sign(class), weight, who)
	}
}

// Score returns w·x + b: positive for class 1, and within -1 and 1 in the margin.
func (s *SVM) Score(x mining.Vector) float64 { return s.m.score(x, "linear: SVM") }

// Classes returns 2.
func (s *SVM) Classes() int { return 2 }

// Probabilities sets to to 1 for the class that Score is on the side of, and 0 for the other: 0.5 for both where
// Score is 0.
func (s *SVM) Probabilities(x mining.Vector, to []float64) []float64 { return side(s.Score(x), to) }

func side(score float64, to []float64) []float64 {
	switch {
	case score > 0:
		return pair(1, to)
	case score < 0:
		return pair(0, to)
	}
	return pair(0.5, to)
}

// Weights returns those of the places.
func (s *SVM) Weights() []float64 { return s.m.weights() }

// Intercept returns the score of an event whose values are all 0.
func (s *SVM) Intercept() float64 { return s.m.B }

// Contributions sets to to what each place adds to Score: with Intercept they add up to it.
func (s *SVM) Contributions(x mining.Vector, to []float64) []float64 {
	return s.m.contributions(x, to, "linear: SVM")
}

// AppendBinary appends the model.
func (s *SVM) AppendBinary(b []byte) ([]byte, error) { return kindSVM.Append(b, (*plainSVM)(s)) }

// UnmarshalBinary restores what AppendBinary appended.
func (s *SVM) UnmarshalBinary(data []byte) error {
	return kindSVM.Read(data, (*plainSVM)(s), func(s *plainSVM) error { return s.m.check() })
}
