package main

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

// A judged model is what a model said of customers whom it had not seen.
type judged struct {
	labels  []float64
	chances []float64 // that a customer comes back
}

// judge asks a model that has learnt.
func judge(m mining.Classifier, t *mining.Table) *judged { return &judged{t.Y, chances(m, t)} }

// judgeInParts has a model learn from four fifths and say what it thinks of the last one, five times: so it is judged by all
// customers of a table without having seen any.
func judgeInParts(build func() candidate, t *mining.Table) (*judged, error) {
	fit := func(train *mining.Table) (candidate, error) {
		m := build()
		return m, m.Fit(train)
	}
	said, err := eval.CrossPredict(t, eval.StratifiedShuffled(t.Y, 5, 2), fit, chance)
	return &judged{t.Y, said}, err
}

// chance returns how probable a model holds it that a customer comes back.
func chance(m candidate, x mining.Vector) float64 { return m.Probabilities(x, nil)[1] }

func chances(m mining.Classifier, t *mining.Table) []float64 {
	all := make([]float64, t.Len())
	var p []float64
	for i, x := range t.X {
		p = m.Probabilities(x, p)
		all[i] = p[1]
	}
	return all
}

func (j *judged) auc() float64 { return eval.Rank(j.labels, j.chances, nil).AUC() }

func (j *judged) losses() *eval.Losses { return eval.LoseChances(j.labels, j.chances, nil) }

func (j *judged) logLoss() float64 { return j.losses().LogLoss() }

// surprise is the log loss of each customer.
func (j *judged) surprise() []float64 {
	all := make([]float64, len(j.chances))
	for i, p := range j.chances {
		all[i] = -math.Log(max(1e-15, 1-math.Abs(j.labels[i]-p)))
	}
	return all
}
