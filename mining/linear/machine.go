package linear

import (
	"errors"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/gather"
)

// A machine is a linear score with the steps that its weights learn by. It is what the
// models of one score are made of.
type machine struct {
	Config config
	// The weight of place p is W[p] times Scale: with L2 all weights shrink at once.
	W       []float64
	Scale   float64
	B       float64
	Steps   uint64
	Squares []float64      // AdaGrad, Adam: of gradients, by place
	Means   []float64      // Adam: of gradients, by place
	Owed    float64        // L1: what each weight had to pay until now
	Paid    []float64      // L1: what it paid, by place
	scratch gather.Scratch `binary:"-"`
}

func newMachine(features int, c config) machine {
	m := machine{Config: c, W: make([]float64, features), Scale: 1}
	if c.Adapt != plain {
		m.Squares = make([]float64, features)
	}
	if c.Adapt == adam {
		m.Means = make([]float64, features)
	}
	if c.L1 > 0 {
		m.Paid = make([]float64, features)
	}
	return m
}

func (m *machine) check() error {
	n := len(m.W)
	of := func(b bool) int {
		if b {
			return n
		}
		return 0
	}
	if n == 0 || !(m.Scale > 0) || len(m.Squares) != of(m.Config.Adapt != plain) || len(m.Means) != of(m.Config.Adapt == adam) || len(m.Paid) != of(m.Config.L1 > 0) {
		return errors.New("its parts do not fit together")
	}
	if w := len(m.Config.Weights); w != 0 && w != 2 {
		return errors.New("its class weights are not of two classes")
	}
	return nil
}

// Bounds that no sensible model meets. They keep diverging ones finite: a step of the greatest gradient, value and rate is
// 1e30 long, and of passive-aggressive ones 1e115, so that no number of steps makes a weight infinite.
const (
	maxGradient = 1e12
	maxWeight   = 1e100
)

func (m *machine) score(x mining.Vector, who string) float64 {
	places, values := m.scratch.Of(x, len(m.W), who)
	return m.Scale*dot(m.W, places, values) + m.B
}

func dot(w []float64, places []uint32, values []float64) (sum float64) {
	if places == nil {
		w = w[:len(values)]
		for i, v := range values {
			sum += w[i] * v
		}
		return sum
	}
	for i, p := range places {
		sum += w[p] * values[i]
	}
	return sum
}

// learn makes a step. Labels of classes are -1 and 1.
func (m *machine) learn(x mining.Vector, y, weight float64, who string) {
	c := &m.Config
	places, values := m.scratch.Of(x, len(m.W), who)
	s := m.Scale*dot(m.W, places, values) + m.B
	var g float64
	if c.Loss == logLoss { // the most common, without a call
		g = -y / (1 + math.Exp(y*s)) * weight
	} else {
		g = c.Loss.gradient(s, y, c.Param) * weight
	}
	if !(g <= maxGradient && g >= -maxGradient) {
		g = min(maxGradient, max(-maxGradient, g))
	}
	rate := c.Rate
	if c.Power > 0 {
		rate /= math.Pow(float64(m.Steps+1), c.Power)
	}
	m.Steps++
	if !c.Fixed {
		m.B -= c.InterceptRate * g
	}
	switch {
	case c.Adapt != plain:
		m.adaptive(places, values, g, rate)
	case c.L2 > 0:
		m.shrink(1 - min(0.5, rate*c.L2))
		m.step(places, values, rate*g/m.Scale)
	default:
		m.step(places, values, rate*g)
	}
	if c.L1 > 0 {
		m.charge(places, len(values), rate)
	}
}

func bound(w float64) float64 { return min(maxWeight, max(-maxWeight, w)) }

func (m *machine) step(places []uint32, values []float64, by float64) {
	if by == 0 {
		return
	}
	if places == nil {
		w := m.W[:len(values)]
		for i, v := range values {
			w[i] -= by * v
		}
		return
	}
	for i, p := range places {
		m.W[p] -= by * values[i]
	}
}

// shrink multiplies all weights.
func (m *machine) shrink(by float64) {
	m.Scale *= by
	if m.Scale < 1e-9 {
		for p := range m.W {
			m.W[p] *= m.Scale
		}
		m.Scale = 1
	}
}

// adaptive makes a step with rates of the places. L2 shrinks the places with a value.
func (m *machine) adaptive(places []uint32, values []float64, g, rate float64) {
	if m.Config.Adapt == adam {
		t := float64(m.Steps)
		rate *= math.Sqrt(1-math.Pow(0.999, t)) / (1 - math.Pow(0.9, t))
	}
	for i, v := range values {
		p := i
		if places != nil {
			p = int(places[i])
		}
		d := g*v + m.Config.L2*m.W[p]
		if m.Config.Adapt == adaGrad {
			m.Squares[p] += d * d
			m.W[p] = bound(m.W[p] - rate/math.Sqrt(m.Squares[p]+1e-8)*d)
			continue
		}
		m.Means[p] = 0.9*m.Means[p] + (1-0.9)*d
		m.Squares[p] = 0.999*m.Squares[p] + (1-0.999)*d*d
		m.W[p] = bound(m.W[p] - rate*m.Means[p]/(math.Sqrt(m.Squares[p])+1e-8))
	}
}

// charge has the places with a value pay what they owe.
func (m *machine) charge(places []uint32, n int, rate float64) {
	m.Owed += m.Config.L1 * rate
	for i := range n {
		p := i
		if places != nil {
			p = int(places[i])
		}
		before := m.W[p] * m.Scale
		w := before
		switch {
		case w > 0:
			w = max(0, w-(m.Owed+m.Paid[p]))
		case w < 0:
			w = min(0, w+(m.Owed-m.Paid[p]))
		}
		m.Paid[p] += w - before
		m.W[p] = w / m.Scale
	}
}

// set has the weights be those of a fit, from which steps go on.
func (m *machine) set(w []float64, b float64) {
	*m = newMachine(len(w), m.Config)
	copy(m.W, w)
	m.B = b
}

func (m *machine) weights() []float64 {
	w := make([]float64, len(m.W))
	for p := range w {
		w[p] = m.W[p] * m.Scale
	}
	return w
}

// contributions sets to to weight times value of each place.
func (m *machine) contributions(x mining.Vector, to []float64, who string) []float64 {
	places, values := m.scratch.Of(x, len(m.W), who)
	to = mining.Sized(to, len(m.W))
	clear(to)
	for i, v := range values {
		p := i
		if places != nil {
			p = int(places[i])
		}
		to[p] = m.W[p] * m.Scale * v
	}
	return to
}

// sigmoid is 1/(1+e^-s).
func sigmoid(s float64) float64 { return 1 / (1 + math.Exp(-s)) }

// unlabelled checks an event whose label is not known: it teaches nothing, and what is wrong with it panics as
// ever.
func unlabelled(x mining.Vector, weight float64, features int, who string) {
	sound(weight, who)
	x.Within(features, who)
}

func sound(weight float64, who string) {
	if !(weight >= 0) || !mining.Known(weight) {
		panic(who + ": a weight is negative, NaN or infinite")
	}
}

// weighed returns the weight of an event of class c.
func (c *config) weighed(class int, weight float64, who string) float64 {
	sound(weight, who)
	if c.Weights != nil {
		weight *= c.Weights[class]
	}
	return weight
}

// sign is -1 for class 0 and 1 for class 1.
func sign(class int) float64 { return float64(2*class - 1) }
