package linear

import (
	"errors"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/gather"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An FTRL is a logistic regression whose places have learning rates of their own, and whose weights are
// exactly 0 where they tell too little: for many sparse features, such as hashed words. It is
// FTRL-Proximal in the order of the paper's Algorithm 1: of an event's places
//
//	w = 0 if |z| ≤ λ1, and otherwise -(z - sign(z)·λ1) / ((β + √n)/α + λ2)
//	p = sigmoid(w·x),  g = (p - y)·x
//	z += g - (√(n + g²) - √n)/α · w,  n += g²
//
// from McMahan et al., "Ad Click Prediction: a View from the Trenches", KDD 2013. The intercept is a place
// of its own with value 1, and without λ1 and λ2. It takes 16 bytes a place, and allocates nothing for an
// event.
type FTRL struct {
	config  config
	z, n    []float64      // the last is the intercept's
	scratch gather.Scratch `binary:"-"`
}

type plainFTRL FTRL

var kindFTRL = saved.As[plainFTRL]("linear.FTRL", 1)

// Alpha sets how fast an FTRL learns. The default is 0.1.
func Alpha(alpha float64) Option {
	return option("Alpha", alpha, alpha > 0 && alpha <= 1e3, func(c *config) { c.Alpha = alpha })
}

// Beta sets how slowly an FTRL begins. The default is 1.
func Beta(beta float64) Option {
	return option("Beta", beta, beta > 0 && beta <= 1e6, func(c *config) { c.Beta = beta })
}

// NewFTRL returns a model of events with that many features. Options are Alpha, Beta, L1 (λ1), L2
// (λ2), ClassWeights and NoIntercept. Both λ are 0 by default; those of the paper are around 1.
func NewFTRL(features int, opts ...Option) *FTRL {
	const who = "linear: FTRL"
	size(features, who)
	c := configured(who, config{Alpha: 0.1, Beta: 1}, opts, "Alpha", "Beta", "L1", "L2", "ClassWeights", "NoIntercept")
	twoClasses(c, who)
	return &FTRL{config: c, z: make([]float64, features+1), n: make([]float64, features+1)}
}

// weight returns that of place p.
func (f *FTRL) weight(p int) float64 {
	c := &f.config
	z, l1, l2 := f.z[p], c.L1, c.L2
	if p == len(f.z)-1 {
		if c.Fixed {
			return 0
		}
		l1, l2 = 0, 0
	}
	if math.Abs(z) <= l1 {
		return 0
	}
	return bound(-(z - math.Copysign(l1, z)) / ((c.Beta+math.Sqrt(f.n[p]))/c.Alpha + l2))
}

// Learn takes a step towards y, 0 or 1.
func (f *FTRL) Learn(x mining.Vector, y float64) { f.LearnWeighted(x, y, 1) }

// LearnWeighted takes a step whose gradient is weight times as large.
func (f *FTRL) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: FTRL"
	if !mining.Known(y) {
		unlabelled(x, weight, len(f.z)-1, who)
		return
	}
	class := mining.ClassOf(y, 2, who)
	if weight = f.config.weighed(class, weight, who); weight == 0 {
		return
	}
	last := len(f.z) - 1
	places, values := f.scratch.Of(x, last, who)
	g := min(maxGradient, max(-maxGradient, (sigmoid(f.sum(places, values))-y)*weight))
	for i, v := range values {
		p := i
		if places != nil {
			p = int(places[i])
		}
		f.step(p, g*v)
	}
	f.step(last, g)
}

func (f *FTRL) step(p int, g float64) {
	n := f.n[p]
	next := n + g*g
	f.z[p] = bound(f.z[p] + g - (math.Sqrt(next)-math.Sqrt(n))/f.config.Alpha*f.weight(p))
	f.n[p] = next
}

func (f *FTRL) sum(places []uint32, values []float64) float64 {
	s := f.weight(len(f.z) - 1)
	for i, v := range values {
		p := i
		if places != nil {
			p = int(places[i])
		}
		s += f.weight(p) * v
	}
	return s
}

// Score returns the logarithm of the odds of class 1.
func (f *FTRL) Score(x mining.Vector) float64 {
	return f.sum(f.scratch.Of(x, len(f.z)-1, "linear: FTRL"))
}

// Probability returns the probability of class 1.
func (f *FTRL) Probability(x mining.Vector) float64 { return sigmoid(f.Score(x)) }

// Classes returns 2.
func (f *FTRL) Classes() int { return 2 }

// Probabilities sets to to those of both classes.
func (f *FTRL) Probabilities(x mining.Vector, to []float64) []float64 {
	return pair(f.Probability(x), to)
}

// Weights returns those of the places.
func (f *FTRL) Weights() []float64 {
	w := make([]float64, len(f.z)-1)
	for p := range w {
		w[p] = f.weight(p)
	}
	return w
}

// Intercept returns the score of an event whose values are all 0.
func (f *FTRL) Intercept() float64 { return f.weight(len(f.z) - 1) }

// Contributions sets to to what each place adds to Score: with Intercept they add up to it.
func (f *FTRL) Contributions(x mining.Vector, to []float64) []float64 {
	m := machine{W: f.Weights(), Scale: 1}
	return m.contributions(x, to, "linear: FTRL")
}

// AppendBinary appends the model.
func (f *FTRL) AppendBinary(b []byte) ([]byte, error) { return kindFTRL.Append(b, (*plainFTRL)(f)) }

// UnmarshalBinary restores what AppendBinary appended.
func (f *FTRL) UnmarshalBinary(data []byte) error {
	return kindFTRL.Read(data, (*plainFTRL)(f), func(f *plainFTRL) error {
		if len(f.z) < 2 || len(f.n) != len(f.z) || !(f.config.Alpha > 0) {
			return errors.New("its parts do not fit together")
		}
		return nil
	})
}
