package linear

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/gather"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Aggressiveness sets which of the paper's rules says how long a step is, for a loss l and the
// squared length n of x: of 0 (PA), l/n; of 1 (PA-I), min(C, l/n); of 2 (PA-II), l/(n + 1/2C). C
// is 1 if the option C sets no other. The default is 1. 0 follows each label, wrong ones too.
func Aggressiveness(rule int) Option {
	return option("Aggressiveness", float64(rule), rule >= 0 && rule <= 2, func(c *config) { c.Aggressive = rule })
}

// Epsilon sets how far a prediction of a number may be off without a step. The default is 0.1.
func Epsilon(epsilon float64) Option {
	return option("Epsilon", epsilon, epsilon >= 0 && mining.Known(epsilon), func(c *config) { c.Param = epsilon })
}

// A PassiveAggressive stays as it is while an event is on its side of the margin, and otherwise moves no farther than
// it takes to get it there, within what its rule says. It has no learning
// rate. It knows no probabilities: package calibrate makes them of Score. It takes 8
// bytes a place, and allocates nothing for an event.
//
// It is Crammer, Dekel, Keshet, Shalev-Shwartz and Singer, "Online Passive-Aggressive
// Algorithms", JMLR 7, 2006. The intercept moves as the weight of a feature that is always 1 would, but is no part of
// the length of x, as in river; NoIntercept leaves it out.
type PassiveAggressive struct {
	p pa
}

type plainPassiveAggressive PassiveAggressive

var kindPassiveAggressive = saved.As[plainPassiveAggressive]("linear.PassiveAggressive", 1)

// pa has what both models share.
type pa struct {
	Config  config
	W       []float64
	B       float64
	scratch gather.Scratch `binary:"-"`
}

func newPA(features int, who string, opts []Option, takes ...string) pa {
	size(features, who)
	c := configured(who, config{C: 1, Aggressive: 1, Param: 0.1}, opts, takes...)
	twoClasses(c, who)
	return pa{Config: c, W: make([]float64, features)}
}

func (p *pa) check() error {
	m := machine{Config: p.Config, W: p.W, Scale: 1}
	return m.check()
}

func (p *pa) score(x mining.Vector, who string) float64 {
	places, values := p.scratch.Of(x, len(p.W), who)
	return dot(p.W, places, values) + p.B
}

// learn moves by the step for what lossOf makes of the score, in the direction that it says.
func (p *pa) learn(x mining.Vector, y, weight float64, numbers bool, who string) {
	places, values := p.scratch.Of(x, len(p.W), who)
	score := dot(p.W, places, values) + p.B
	loss, direction := 1-y*score, y
	if numbers {
		loss, direction = max(score-y, y-score)-p.Config.Param, 1
		if y < score {
			direction = -1
		}
	}
	if loss <= 0 {
		return
	}
	length := 0.0
	for _, v := range values {
		length += v * v
	}
	var tau float64
	switch {
	case p.Config.Aggressive == 2:
		tau = loss / (length + 1/(2*p.Config.C*weight))
	case length < 1e-300: // the event says nothing of the weights
		return
	case p.Config.Aggressive == 1:
		tau = min(p.Config.C*weight, loss/length)
	default:
		tau = loss / length
	}
	m := machine{W: p.W}
	m.step(places, values, -direction*min(maxWeight, tau))
	if !p.Config.Fixed {
		p.B = bound(p.B + direction*tau)
	}
}

// NewPassiveAggressive returns a model of events with that many features. Options are
// Aggressiveness, C, ClassWeights and NoIntercept.
func NewPassiveAggressive(features int, opts ...Option) *PassiveAggressive {
	return &PassiveAggressive{newPA(features, "linear: PassiveAggressive", opts, "Aggressiveness", "C", "ClassWeights", "NoIntercept")}
}

// Learn moves towards y, 0 or 1.
func (p *PassiveAggressive) Learn(x mining.Vector, y float64) { p.LearnWeighted(x, y, 1) }

// LearnWeighted is Learn with C times weight: that is the most an event counts in PA-I and
// PA-II. In PA all events count alike.
func (p *PassiveAggressive) LearnWeighted(x mining.Vector, y, weight float64) {
	const who = "linear: PassiveAggressive"
	if !mining.Known(y) {
		unlabelled(x, weight, len(p.p.W), who)
		return
	}
	class := mining.ClassOf(y, 2, who)
	if weight = p.p.Config.weighed(class, weight, who); weight > 0 {
		p.p.learn(x, sign(class), weight, false, who)
	}
}

// Score returns w·x + b: positive for class 1.
func (p *PassiveAggressive) Score(x mining.Vector) float64 {
	return p.p.score(x, "linear: PassiveAggressive")
}

// Classes returns 2.
func (p *PassiveAggressive) Classes() int { return 2 }

// Probabilities sets to to 1 for the class that Score is on the side of, and 0 for the other: 0.5 for both where
// Score is 0.
func (p *PassiveAggressive) Probabilities(x mining.Vector, to []float64) []float64 {
	return side(p.Score(x), to)
}

// Weights returns those of the places.
func (p *PassiveAggressive) Weights() []float64 { return append([]float64(nil), p.p.W...) }

// Intercept returns the score of an event whose values are all 0.
func (p *PassiveAggressive) Intercept() float64 { return p.p.B }

// Contributions sets to to what each place adds to Score: with Intercept they add up to it.
func (p *PassiveAggressive) Contributions(x mining.Vector, to []float64) []float64 {
	m := machine{W: p.p.W, Scale: 1}
	return m.contributions(x, to, "linear: PassiveAggressive")
}

// AppendBinary appends the model.
func (p *PassiveAggressive) AppendBinary(b []byte) ([]byte, error) {
	return kindPassiveAggressive.Append(b, (*plainPassiveAggressive)(p))
}

// UnmarshalBinary restores what AppendBinary appended.
func (p *PassiveAggressive) UnmarshalBinary(data []byte) error {
	return kindPassiveAggressive.Read(data, (*plainPassiveAggressive)(p), func(p *plainPassiveAggressive) error { return p.p.check() })
}
