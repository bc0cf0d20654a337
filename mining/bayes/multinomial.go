package bayes

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Multinomial takes the values of an event for counts of what it is made of, such as the words of a text, each drawn
// from the shares of its class:
//
//	log P(x | class) = Σ x[p] · log((sum of p in class + Alpha) / (sum of all in class + Alpha·features))
//
// Missing and negative values count as 0, and those beyond 1e15 as 1e15. It takes 8 bytes a feature and class.
// Learn takes time that grows with the values of the event, Probabilities with them times classes; both allocate
// nothing.
type Multinomial struct {
	c counts
}

type plainMultinomial Multinomial

var kindMultinomial = saved.As[plainMultinomial]("bayes.Multinomial", 1)

// NewMultinomial returns a model of events with that many features and classes. The option is Alpha.
func NewMultinomial(features, classes int, opts ...Option) *Multinomial {
	return &Multinomial{newCounts(features, classes, "Multinomial", opts)}
}

// Learn learns that x is of class y.
func (m *Multinomial) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns x as if it came weight times.
func (m *Multinomial) LearnWeighted(x mining.Vector, y, weight float64) {
	m.c.learn(x, y, weight, false, "bayes: Multinomial")
}

// Fit forgets what was learnt, and learns a table: the answer is that of learning it event by event.
func (m *Multinomial) Fit(t *mining.Table) error {
	fresh := NewMultinomial(m.c.Features, m.c.Classes, Alpha(m.c.Alpha))
	if err := fit(fresh, t, m.c.Features, m.c.Classes, "bayes: Multinomial"); err != nil {
		return err
	}
	*m = *fresh
	return nil
}

// Classes returns how many classes there are.
func (m *Multinomial) Classes() int { return m.c.Classes }

// Probabilities sets to to that of each class.
func (m *Multinomial) Probabilities(x mining.Vector, to []float64) []float64 {
	c := &m.c
	to = priors(c.Weight, to)
	places, values := c.scratch.Of(x, c.Features, "bayes: Multinomial")
	for k := range to {
		if math.IsInf(to[k], -1) {
			continue
		}
		sum, all := c.of(k), math.Log(c.Total[k]+c.Alpha*float64(c.Features))
		for i, v := range values {
			if v <= 0 {
				continue
			}
			p := i
			if places != nil {
				p = int(places[i])
			}
			to[k] += v * (math.Log(sum[p]+c.Alpha) - all)
		}
	}
	return shares(to)
}

// Merge has m learn what o has learnt. It panics if they are of other features, classes or options.
func (m *Multinomial) Merge(o *Multinomial) { m.c.merge(&o.c, "bayes: Multinomial") }

// AppendBinary appends the model.
func (m *Multinomial) AppendBinary(b []byte) ([]byte, error) {
	return kindMultinomial.Append(b, (*plainMultinomial)(m))
}

// UnmarshalBinary restores what AppendBinary appended.
func (m *Multinomial) UnmarshalBinary(data []byte) error {
	return kindMultinomial.Read(data, (*plainMultinomial)(m), func(m *plainMultinomial) error { return m.c.check() })
}
