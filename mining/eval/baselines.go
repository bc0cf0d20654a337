package eval

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Majority is the model that gives each class the share of labels that it had so far: its prediction is the most frequent
// one. Before the first label all classes are as likely. It looks at no features: a model has to be better than it.
type Majority struct{ counts []float64 }

// NewMajority returns a Majority of k classes. It panics if k is less than 2.
func NewMajority(k int) *Majority { return &Majority{make([]float64, classes(k, "NewMajority"))} }

func classes(k int, who string) int {
	if k < 2 {
		panic(fmt.Sprintf("eval: %s: a classification has 2 classes or more, not %d", who, k))
	}
	return k
}

// Learn counts a label. One that is NaN or infinite it does not.
func (m *Majority) Learn(_ mining.Vector, y float64) {
	if mining.Known(y) {
		m.counts[mining.ClassOf(y, len(m.counts), "eval: Majority")]++
	}
}

// Classes returns the number of classes.
func (m *Majority) Classes() int { return len(m.counts) }

// Probabilities returns the share of each class.
func (m *Majority) Probabilities(_ mining.Vector, to []float64) []float64 {
	to = mining.Sized(to, len(m.counts))
	n := total(m.counts)
	for c := range to {
		to[c] = 1 / float64(len(to))
		if n > 0 {
			to[c] = m.counts[c] / n
		}
	}
	return to
}

type plainMajority Majority

var kindMajority = saved.As[plainMajority]("eval.Majority", 1)

// AppendBinary appends the model.
func (m *Majority) AppendBinary(b []byte) ([]byte, error) {
	return kindMajority.Append(b, (*plainMajority)(m))
}

// UnmarshalBinary reads what AppendBinary appended.
func (m *Majority) UnmarshalBinary(data []byte) error {
	return kindMajority.Read(data, (*plainMajority)(m), func(p *plainMajority) error {
		if len(p.counts) < 2 {
			return fmt.Errorf("%d classes", len(p.counts))
		}
		return nil
	})
}

// NoChange is the model that predicts the label before, for certain. Before the first label all classes are as likely. It
// looks at no features. Where labels come in runs it is hard to beat, and a model that does not beat it may have
// learnt nothing but the runs. Its logarithmic loss means little: it is never in doubt.
type NoChange struct{ k, last int }

// NewNoChange returns a NoChange of k classes. It panics if k is less than 2.
func NewNoChange(k int) *NoChange { return &NoChange{classes(k, "NewNoChange"), -1} }

// Learn remembers a label. One that is NaN or infinite it does not.
func (m *NoChange) Learn(_ mining.Vector, y float64) {
	if mining.Known(y) {
		m.last = mining.ClassOf(y, m.k, "eval: NoChange")
	}
}

// Classes returns the number of classes.
func (m *NoChange) Classes() int { return m.k }

// Probabilities returns 1 for the label before.
func (m *NoChange) Probabilities(_ mining.Vector, to []float64) []float64 {
	to = mining.Sized(to, m.k)
	for c := range to {
		switch {
		case m.last < 0:
			to[c] = 1 / float64(m.k)
		case c == m.last:
			to[c] = 1
		default:
			to[c] = 0
		}
	}
	return to
}

type plainNoChange NoChange

var kindNoChange = saved.As[plainNoChange]("eval.NoChange", 1)

// AppendBinary appends the model.
func (m *NoChange) AppendBinary(b []byte) ([]byte, error) {
	return kindNoChange.Append(b, (*plainNoChange)(m))
}

// UnmarshalBinary reads what AppendBinary appended.
func (m *NoChange) UnmarshalBinary(data []byte) error {
	return kindNoChange.Read(data, (*plainNoChange)(m), func(p *plainNoChange) error {
		if p.k < 2 || p.last < -1 || p.last >= p.k {
			return fmt.Errorf("class %d of %d", p.last, p.k)
		}
		return nil
	})
}

// Mean is the model that predicts the mean of the labels so far, and 0 before the first. It looks at no features.
type Mean struct {
	n    uint64
	mean float64
}

// Learn adds a label. One that is NaN or infinite it does not.
func (m *Mean) Learn(_ mining.Vector, y float64) {
	if mining.Known(y) {
		m.n++
		m.mean += y/float64(m.n) - m.mean/float64(m.n) // which does not overflow
	}
}

// Predict returns the mean.
func (m *Mean) Predict(mining.Vector) float64 { return m.mean }

type plainMean Mean

var kindMean = saved.As[plainMean]("eval.Mean", 1)

// AppendBinary appends the model.
func (m *Mean) AppendBinary(b []byte) ([]byte, error) { return kindMean.Append(b, (*plainMean)(m)) }

// UnmarshalBinary reads what AppendBinary appended.
func (m *Mean) UnmarshalBinary(data []byte) error {
	return kindMean.Read(data, (*plainMean)(m), nil)
}

// Seasonal is the model that predicts the label of a season before: a season of 1 is the label before. Until it has seen a whole season it
// predicts the last label, and 0 before the first. It looks at no features.
type Seasonal struct {
	last []float64 // of a season, a ring
	seen uint64
}

// NewSeasonal returns a Seasonal. The season is a number of events. It panics if it is less than 1.
func NewSeasonal(season int) *Seasonal {
	if season < 1 {
		panic(fmt.Sprintf("eval: NewSeasonal: a season is 1 event or more, not %d", season))
	}
	return &Seasonal{last: make([]float64, season)}
}

// Learn remembers a label. One that is NaN or infinite is left out, as if the event had not come: give a guess instead where the
// season has to stay in step.
func (m *Seasonal) Learn(_ mining.Vector, y float64) {
	if mining.Known(y) {
		m.last[m.seen%uint64(len(m.last))] = y
		m.seen++
	}
}

// Predict returns the label of a season before the event that is learnt next.
func (m *Seasonal) Predict(mining.Vector) float64 {
	n := uint64(len(m.last))
	if m.seen > 0 && m.seen < n {
		return m.last[m.seen-1]
	}
	return m.last[m.seen%n]
}

type plainSeasonal Seasonal

var kindSeasonal = saved.As[plainSeasonal]("eval.Seasonal", 1)

// AppendBinary appends the model.
func (m *Seasonal) AppendBinary(b []byte) ([]byte, error) {
	return kindSeasonal.Append(b, (*plainSeasonal)(m))
}

// UnmarshalBinary reads what AppendBinary appended.
func (m *Seasonal) UnmarshalBinary(data []byte) error {
	return kindSeasonal.Read(data, (*plainSeasonal)(m), func(p *plainSeasonal) error {
		if len(p.last) < 1 {
			return fmt.Errorf("no season")
		}
		return nil
	})
}
