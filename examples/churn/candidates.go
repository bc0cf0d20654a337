package main

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/prepare"
)

// A candidate is a model that may be chosen: it learns from a table, and says how probable it is that a customer comes back.
type candidate interface {
	mining.Fitter
	mining.Classifier
}

// An entry is a candidate with a name, and how it did.
type entry struct {
	name     string
	baseline bool
	build    func() candidate
	model    candidate // learnt from all customers but those who are held back
	inParts  *judged   // by those learnt from
	heldBack *judged   // by those held back
}

// enter has a candidate learn and be judged.
func (e *entry) enter(train, test *mining.Table) (err error) {
	if e.inParts, err = judgeInParts(e.build, train); err != nil {
		return err
	}
	e.model = e.build()
	if err = e.model.Fit(train); err != nil {
		return err
	}
	e.heldBack = judge(e.model, test)
	return nil
}

// choose returns the model with the least log loss in parts, but the first one where that may be chance: it is the simplest. Those who are held
// back have no say in it, so that their figures are what to expect.
func choose(all []*entry) *entry {
	best := all[0]
	for _, e := range all {
		v := eval.Permutation(e.inParts.surprise(), all[0].inParts.surprise(), 10_000, 1)
		if !e.baseline && e.inParts.logLoss() < best.inParts.logLoss() && v.Real(0.05) {
			best = e
		}
	}
	return best
}

// newLogistic makes a logistic regression of scaled features.
func newLogistic() candidate {
	return prepare.NewClassifier(linear.NewLogistic(len(names)), prepare.NewStandard(len(names)))
}

// newTrees makes boosted trees with the settings that one begins with.
func newTrees() candidate {
	return boost.NewClassifier(len(names), 2, boost.Rounds(100), boost.Rate(0.05), boost.MaxLeaves(15), boost.MinSamples(20))
}

// alike is the baseline of all: it says the same of everybody, the share of those who came back.
type alike struct{ share float64 }

func (a *alike) Fit(t *mining.Table) error {
	a.share = mean(t.Y)
	return nil
}

func (a *alike) Classes() int { return 2 }

func (a *alike) Probabilities(_ mining.Vector, to []float64) []float64 { return both(a.share, to) }

// lately is the baseline of shopkeepers: who was here last is the first to come back. It says how probable that is of those
// who were here in the same ten days.
type lately struct{ came, all [60]float64 }

func (l *lately) Fit(t *mining.Table) error {
	for i, x := range t.X {
		l.came[l.place(x)] += t.Y[i]
		l.all[l.place(x)]++
	}
	return nil
}

func (l *lately) place(x mining.Vector) int { return min(len(l.all)-1, int(x.At(0)/10)) }

func (l *lately) Classes() int { return 2 }

func (l *lately) Probabilities(x mining.Vector, to []float64) []float64 {
	i := l.place(x)
	return both((l.came[i]+1)/(l.all[i]+2), to)
}

func both(p float64, to []float64) []float64 {
	to = mining.Sized(to, 2)
	to[0], to[1] = 1-p, p
	return to
}

func mean(all []float64) (m float64) {
	for _, v := range all {
		m += v
	}
	return m / math.Max(1, float64(len(all)))
}
