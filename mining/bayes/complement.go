package bayes

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Complement judges a class by how unlike an event is to all others: where one class has few events, its own
// counts say little, and those of the others much. The score of a class is
//
//	-Σ x[p] · log((sum of p in other classes + Alpha) / (sum of all in other classes + Alpha·features))
//
// and shares of classes do not enter. It is Rennie, Shih, Teevan and Karger, "Tackling the Poor
// Assumptions of Naive Bayes Text Classifiers", ICML 2003, without the weights' normalization, as in scikit-learn's
// ComplementNB. Values, memory and time are those of Multinomial.
type Complement struct {
	c counts
}

type plainComplement Complement

var kindComplement = saved.As[plainComplement]("bayes.Complement", 1)

// NewComplement returns a model of events with that many features and classes. The option is Alpha.
func NewComplement(features, classes int, opts ...Option) *Complement {
	return &Complement{newCounts(features, classes, "Complement", opts)}
}

// Learn learns that x is of class y.
func (m *Complement) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns x as if it came weight times.
func (m *Complement) LearnWeighted(x mining.Vector, y, weight float64) {
	m.c.learn(x, y, weight, false, "bayes: Complement")
}

// Fit forgets what was learnt, and learns a table: the answer is that of learning it event by event.
func (m *Complement) Fit(t *mining.Table) error {
	fresh := NewComplement(m.c.Features, m.c.Classes, Alpha(m.c.Alpha))
	if err := fit(fresh, t, m.c.Features, m.c.Classes, "bayes: Complement"); err != nil {
		return err
	}
	*m = *fresh
	return nil
}

// Classes returns how many classes there are.
func (m *Complement) Classes() int { return m.c.Classes }

// Probabilities sets to to that of each class.
func (m *Complement) Probabilities(x mining.Vector, to []float64) []float64 {
	c := &m.c
	to = mining.Sized(to, c.Classes)
	places, values := c.scratch.Of(x, c.Features, "bayes: Complement")
	all := 0.0
	for _, t := range c.Total {
		all += t
	}
	some := false
	for k := range to {
		to[k] = math.Log(max(0, all-c.Total[k]) + c.Alpha*float64(c.Features))
		some = some || c.Weight[k] > 0
	}
	total := 0.0
	for _, v := range values {
		total += max(0, v)
	}
	for k := range to {
		to[k] *= total
		if some && c.Weight[k] == 0 {
			to[k] = math.Inf(-1)
		}
	}
	for i, v := range values {
		if v <= 0 {
			continue
		}
		p := i
		if places != nil {
			p = int(places[i])
		}
		sum := 0.0
		for k := range to {
			sum += c.Sum[k*c.Features+p]
		}
		for k := range to {
			to[k] -= v * math.Log(max(0, sum-c.Sum[k*c.Features+p])+c.Alpha)
		}
	}
	return shares(to)
}

// Merge has m learn what o has learnt. It panics if they are of other features, classes or options.
func (m *Complement) Merge(o *Complement) { m.c.merge(&o.c, "bayes: Complement") }

// AppendBinary appends the model.
func (m *Complement) AppendBinary(b []byte) ([]byte, error) {
	return kindComplement.Append(b, (*plainComplement)(m))
}

// UnmarshalBinary restores what AppendBinary appended.
func (m *Complement) UnmarshalBinary(data []byte) error {
	return kindComplement.Read(data, (*plainComplement)(m), func(m *plainComplement) error { return m.c.check() })
}
