package bayes

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Bernoulli looks at which features are there (their value is above 0), and at which are not:
//
//	P(p is there | class) = (events of the class with p + Alpha) / (events of the class + 2·Alpha)
//
// Missing values count as not there. It takes 8 bytes a feature and class. Learn takes time that
// grows with the values of the event, Probabilities O(features·classes), for what is not there counts, too; both
// allocate nothing.
type Bernoulli struct {
	c counts
}

type plainBernoulli Bernoulli

var kindBernoulli = saved.As[plainBernoulli]("bayes.Bernoulli", 1)

// NewBernoulli returns a model of events with that many features and classes. The option is Alpha.
func NewBernoulli(features, classes int, opts ...Option) *Bernoulli {
	return &Bernoulli{newCounts(features, classes, "Bernoulli", opts)}
}

// Learn learns that x is of class y.
func (m *Bernoulli) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns x as if it came weight times.
func (m *Bernoulli) LearnWeighted(x mining.Vector, y, weight float64) {
	m.c.learn(x, y, weight, true, "bayes: Bernoulli")
}

// Fit forgets what was learnt, and learns a table: the answer is that of learning it event by event.
func (m *Bernoulli) Fit(t *mining.Table) error {
	fresh := NewBernoulli(m.c.Features, m.c.Classes, Alpha(m.c.Alpha))
	if err := fit(fresh, t, m.c.Features, m.c.Classes, "bayes: Bernoulli"); err != nil {
		return err
	}
	*m = *fresh
	return nil
}

// Classes returns how many classes there are.
func (m *Bernoulli) Classes() int { return m.c.Classes }

// Probabilities sets to to that of each class.
func (m *Bernoulli) Probabilities(x mining.Vector, to []float64) []float64 {
	c := &m.c
	to = priors(c.Weight, to)
	places, values := c.scratch.Of(x, c.Features, "bayes: Bernoulli")
	for k := range to {
		if math.IsInf(to[k], -1) {
			continue
		}
		n := c.Weight[k] + 2*c.Alpha
		sum, none := c.of(k), 0.0
		for _, s := range sum {
			none += math.Log(max(0, c.Weight[k]-s) + c.Alpha)
		}
		to[k] += none - float64(c.Features)*math.Log(n)
		for i, v := range values {
			if v <= 0 {
				continue
			}
			p := i
			if places != nil {
				p = int(places[i])
			}
			to[k] += math.Log(sum[p]+c.Alpha) - math.Log(max(0, c.Weight[k]-sum[p])+c.Alpha)
		}
	}
	return shares(to)
}

// Merge has m learn what o has learnt. It panics if they are of other features, classes or options.
func (m *Bernoulli) Merge(o *Bernoulli) { m.c.merge(&o.c, "bayes: Bernoulli") }

// AppendBinary appends the model.
func (m *Bernoulli) AppendBinary(b []byte) ([]byte, error) {
	return kindBernoulli.Append(b, (*plainBernoulli)(m))
}

// UnmarshalBinary restores what AppendBinary appended.
func (m *Bernoulli) UnmarshalBinary(data []byte) error {
	return kindBernoulli.Read(data, (*plainBernoulli)(m), func(m *plainBernoulli) error { return m.c.check() })
}
