package linear

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/gather"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Softmax is multinomial logistic regression: each class has a linear score, and the probability of a
// class is the exponential of its own, divided by the sum of those of all. Learn takes a step down the
// gradient of the cross-entropy. It takes 8 bytes a place and class, and allocates nothing for
// an event.
//
// Of two classes it is the model of Logistic with twice the weights: L2 and C mean half as much.
type Softmax struct {
	config  config
	classes int
	w       []float64 // of class 0, then of class 1, ...
	b       []float64
	steps   uint64
	scratch gather.Scratch `binary:"-"`
	p       []float64      `binary:"-"`
}

type plainSoftmax Softmax

var kindSoftmax = saved.As[plainSoftmax]("linear.Softmax", 1)

// NewSoftmax returns a model of events with that many features and classes. Options are Rate, InterceptRate,
// Inverse, L2 (which takes time for all weights at each step), ClassWeights, NoIntercept, and, for Fit, C.
func NewSoftmax(features, classes int, opts ...Option) *Softmax {
	const who = "linear: Softmax"
	size(features, who)
	if classes < 2 || classes > math.MaxInt32/features {
		panic(fmt.Sprintf("%s: a model has 2 classes or more, and 2³¹-1 weights at most, not %d classes of %d features", who, classes, features))
	}
	c := configured(who, config{Rate: 0.01, InterceptRate: 0.01, C: 1}, opts, "Rate", "InterceptRate", "Inverse", "L2", "ClassWeights", "NoIntercept", "C")
	if n := len(c.Weights); n != 0 && n != classes {
		panic(fmt.Sprintf("%s: ClassWeights: %d weights for %d classes", who, n, classes))
	}
	return &Softmax{config: c, classes: classes, w: make([]float64, features*classes), b: make([]float64, classes)}
}

func (s *Softmax) of(class int) []float64 {
	n := len(s.w) / s.classes
	return s.w[class*n : (class+1)*n]
}

// Learn takes a step towards y, 0, 1, ...
func (s *Softmax) Learn(x mining.Vector, y float64) { s.LearnWeighted(x, y, 1) }

// LearnWeighted takes a step that is weight times as long.
func (s *Softmax) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: Softmax"
	if !mining.Known(y) {
		unlabelled(x, weight, len(s.of(0)), who)
		return
	}
	class := mining.ClassOf(y, s.classes, who)
	if weight = s.config.weighed(class, weight, who); weight == 0 {
		return
	}
	places, values := s.scratch.Of(x, len(s.of(0)), who)
	s.p = s.probabilities(places, values, s.p)
	rate := s.config.Rate
	if s.config.Power > 0 {
		rate /= math.Pow(float64(s.steps+1), s.config.Power)
	}
	s.steps++
	keep := 1 - min(0.5, rate*s.config.L2)
	for k, p := range s.p {
		if k == class {
			p--
		}
		g := min(maxGradient, max(-maxGradient, p*weight))
		w := s.of(k)
		if keep < 1 {
			for j := range w {
				w[j] *= keep
			}
		}
		m := machine{W: w}
		m.step(places, values, rate*g)
		if !s.config.Fixed {
			s.b[k] = bound(s.b[k] - s.config.InterceptRate*g)
		}
	}
}

func (s *Softmax) probabilities(places []uint32, values, to []float64) []float64 {
	to = mining.Sized(to, s.classes)
	for k := range to {
		to[k] = dot(s.of(k), places, values) + s.b[k]
	}
	return softmax(to)
}

// softmax turns scores into probabilities.
func softmax(scores []float64) []float64 {
	most, sum := math.Inf(-1), 0.0
	for _, v := range scores {
		most = max(most, v)
	}
	for k, v := range scores {
		scores[k] = math.Exp(v - most)
		sum += scores[k]
	}
	for k := range scores {
		scores[k] /= sum
	}
	return scores
}

// Classes returns how many classes there are.
func (s *Softmax) Classes() int { return s.classes }

// Probabilities sets to to that of each class.
func (s *Softmax) Probabilities(x mining.Vector, to []float64) []float64 {
	places, values := s.scratch.Of(x, len(s.of(0)), "linear: Softmax")
	return s.probabilities(places, values, to)
}

// Weights returns those of the places for the score of a class.
func (s *Softmax) Weights(class int) []float64 { return append([]float64(nil), s.of(class)...) }

// Intercept returns the score of a class for an event whose values are all 0.
func (s *Softmax) Intercept(class int) float64 { return s.b[class] }

// Contributions sets to to what each place adds to the score of a class: with Intercept they add up to it.
func (s *Softmax) Contributions(x mining.Vector, class int, to []float64) []float64 {
	m := machine{W: s.of(class), Scale: 1}
	return m.contributions(x, to, "linear: Softmax")
}

// AppendBinary appends the model.
func (s *Softmax) AppendBinary(b []byte) ([]byte, error) {
	return kindSoftmax.Append(b, (*plainSoftmax)(s))
}

// UnmarshalBinary restores what AppendBinary appended.
func (s *Softmax) UnmarshalBinary(data []byte) error {
	return kindSoftmax.Read(data, (*plainSoftmax)(s), func(s *plainSoftmax) error {
		if s.classes < 2 || len(s.b) != s.classes || len(s.w) < s.classes || len(s.w)%s.classes != 0 || (s.config.Weights != nil && len(s.config.Weights) != s.classes) {
			return errors.New("its parts do not fit together")
		}
		return nil
	})
}
