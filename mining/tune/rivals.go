package tune

import (
	"fmt"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Contender is a classifier that can stand against another.
type Contender interface {
	mining.Learner
	mining.Classifier
	mining.Saved
}

// Rivals are a champion and a challenger as one classifier: so they go where a classifier goes, into an operator of package online for one, and
// are saved with it. Both learn each event. The champion answers, until a [Test] says that the challenger is better: then they
// change places, and a new test begins, so that the other one may win its place back. A champion is no better than it looks with a
// probability of alpha at most for each change.
//
// What is compared is (1-p)², where p is the probability that a model gave to the class that was the case, before it learnt it: the half of Brier's
// score that both classes share, and proper. A change needs some hundred events, or more where the difference is small.
type Rivals struct {
	build    [2]func() Contender
	models   [2]Contender
	champion int // its place
	changes  uint64
	test     *Test
	p        []float64
}

// NewRivals returns a champion and a challenger that have learnt nothing. It panics if one of the functions is nil, if the models do not have the same classes, and for an
// alpha as [NewTest] does.
func NewRivals(champion, challenger func() Contender, alpha float64) *Rivals {
	if champion == nil || challenger == nil {
		panic("tune: NewRivals: a function that makes a model is nil")
	}
	r := &Rivals{build: [2]func() Contender{champion, challenger}, models: [2]Contender{champion(), challenger()}, test: NewTest(alpha, 1)}
	if a, b := r.models[0].Classes(), r.models[1].Classes(); a != b {
		panic(fmt.Sprintf("tune: NewRivals: the champion has %d classes and the challenger %d", a, b))
	}
	return r
}

// Champion returns the model that answers, and whether it is the one that began as champion.
func (r *Rivals) Champion() (m Contender, first bool) { return r.models[r.champion], r.champion == 0 }

// Changes returns how often they changed places.
func (r *Rivals) Changes() uint64 { return r.changes }

// Version says which model answers: it is Changes, even while the one that began as champion is, and odd while the other one is. An operator of
// package online writes it into each score, as online.Scored.Version.
func (r *Rivals) Version() uint64 { return r.changes }

// Test returns the test of the model that is not the champion, since they last changed places.
func (r *Rivals) Test() *Test { return r.test }

// Classes returns how many classes there are.
func (r *Rivals) Classes() int { return r.models[0].Classes() }

// Probabilities returns what the champion says.
func (r *Rivals) Probabilities(x mining.Vector, to []float64) []float64 {
	return r.models[r.champion].Probabilities(x, to)
}

// Learn has both learn an event, after they were compared by it. A label that is unknown teaches nothing.
func (r *Rivals) Learn(x mining.Vector, y float64) {
	if !mining.Known(y) {
		for _, m := range r.models {
			m.Learn(x, y) // which may say that x is none of its
		}
		return
	}
	var loss [2]float64
	for i, m := range r.models {
		r.p = m.Probabilities(x, r.p)
		if c := int(y); c >= 0 && c < len(r.p) {
			loss[i] = (1 - r.p[c]) * (1 - r.p[c])
		}
		m.Learn(x, y)
	}
	if r.test.Add(loss[r.champion], loss[1-r.champion]) {
		r.champion = 1 - r.champion
		r.changes++
		r.test = NewTest(r.test.alpha, r.test.bound)
	}
}

type plainRivals struct {
	Models   [2][]byte
	Champion int
	Changes  uint64
	Test     []byte
}

var kindRivals = saved.As[plainRivals]("tune.Rivals", 1)

// AppendBinary appends both models and how they stand.
func (r *Rivals) AppendBinary(b []byte) ([]byte, error) {
	p := plainRivals{Champion: r.champion, Changes: r.changes}
	var err error
	for i, m := range r.models {
		if p.Models[i], err = m.AppendBinary(nil); err != nil {
			return b, err
		}
	}
	if p.Test, err = r.test.AppendBinary(nil); err != nil {
		return b, err
	}
	return kindRivals.Append(b, &p)
}

// UnmarshalBinary replaces both models and how they stand. It is for Rivals that [NewRivals] has made, with models of the same types.
func (r *Rivals) UnmarshalBinary(data []byte) error {
	if r.build[0] == nil {
		return fmt.Errorf("tune: restore Rivals that NewRivals has not made: their models are not known")
	}
	var p plainRivals
	test := new(Test)
	models := [2]Contender{r.build[0](), r.build[1]()}
	err := kindRivals.Read(data, &p, func(p *plainRivals) error {
		if p.Champion != 0 && p.Champion != 1 {
			return fmt.Errorf("there are two models, and the champion is number %d", p.Champion)
		}
		for i, m := range models {
			if err := m.UnmarshalBinary(slices.Clone(p.Models[i])); err != nil {
				return err
			}
		}
		return test.UnmarshalBinary(p.Test)
	})
	if err == nil {
		r.models, r.champion, r.changes, r.test = models, p.Champion, p.Changes, test
	}
	return err
}
