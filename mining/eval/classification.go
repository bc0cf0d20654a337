package eval

import (
	"fmt"
	"math"
	"time"

	"github.com/freshet-go/freshet/mining"
)

// A ClassModel is a classifier that learns.
type ClassModel interface {
	mining.Learner
	mining.Classifier
}

// A Classification tests classifiers on a stream, test-then-train: each event is predicted first, then its label scores the prediction, and
// then it is learnt. Beside the models stand two that look at no features, [Majority] and [NoChange]: they see the same labels
// equally late.
//
// What a model says before it has learnt a label is no prediction, and is not scored: of n events without a delay n-1 are. An event whose
// label is NaN or infinite is predicted and no more.
//
// It is prequential evaluation: Dawid, "Statistical theory: the prequential approach", JRSS A 147, 1984; Gama, Sebastião and Rodrigues, "On
// evaluating stream learning algorithms", Machine Learning 90, 2013.
type Classification struct {
	protocol
	k       int
	results []*ClassResult
}

// A ClassResult is what a model reached.
type ClassResult struct {
	Name     string
	Baseline bool

	Confusion *Confusion
	Losses    *Losses
	AUC       *Binned // of two classes: in 1,000 bins. Else nil.

	Recent       *Rolling // of the last events, predicted classes
	RecentScores *Rolling // of two classes: the probabilities of class 1. Else nil.

	Faded       *Confusion
	FadedLosses *Losses

	Curve []Point
}

// NewClassification returns a test of k classes.
func NewClassification(k int, opts ...Option) *Classification {
	c := &Classification{protocol: newProtocol(opts), k: classes(k, "NewClassification")}
	c.join("majority class", NewMajority(k), true)
	c.join("no change", NewNoChange(k), true)
	return c
}

// Enter has a model take part. The name is for the report. It panics after the first event, or if the model has other classes.
func (c *Classification) Enter(name string, m ClassModel) *ClassResult {
	if m.Classes() != c.k {
		panic(fmt.Sprintf("eval: Enter %q: a model of %d classes in a test of %d", name, m.Classes(), c.k))
	}
	return c.join(name, m, false)
}

func (c *Classification) join(name string, m ClassModel, baseline bool) *ClassResult {
	r := &ClassResult{
		Name: name, Baseline: baseline,
		Confusion: NewConfusion(c.k), Losses: NewLosses(c.k),
		Recent: NewRolling(c.window),
		Faded:  NewConfusion(c.k), FadedLosses: NewLosses(c.k),
	}
	if c.k == 2 {
		r.AUC, r.RecentScores = NewBinned(1000), NewRolling(c.window)
	}
	events := 0
	score := func(label float64, p []float64, weight float64) {
		class := float64(mining.Class(p))
		if class < 0 {
			class = math.NaN() // a pair that is not known
		}
		r.Confusion.AddWeighted(label, class, weight)
		r.Losses.AddWeighted(label, p, weight)
		r.Recent.AddWeighted(label, class, weight)
		r.Faded.Scale(c.factor)
		r.Faded.AddWeighted(label, class, weight)
		r.FadedLosses.Scale(c.factor)
		r.FadedLosses.AddWeighted(label, p, weight)
		if c.k == 2 {
			r.AUC.AddWeighted(label, p[1], weight)
			r.RecentScores.AddWeighted(label, p[1], weight)
		}
		if events++; c.every > 0 && events%c.every == 0 {
			r.Curve = append(r.Curve, Point{events, r.Confusion.Accuracy(), r.Recent.Confusion(c.k).Accuracy(), r.Faded.Accuracy()})
		}
	}
	c.enter(&run{name: name, model: m, answer: m.Probabilities, score: score})
	c.results = append(c.results, r)
	return r
}

// Step takes the next event.
func (c *Classification) Step(x mining.Vector, y float64) { c.step(time.Time{}, false, x, y, 1) }

// StepWeighted takes the next event, which counts weight times. A model that knows no weights learns it once.
func (c *Classification) StepWeighted(x mining.Vector, y, weight float64) {
	c.step(time.Time{}, false, x, y, weight)
}

// StepAt takes the next event with its time, for [DelayTime].
func (c *Classification) StepAt(at time.Time, x mining.Vector, y float64) { c.step(at, true, x, y, 1) }

// Finish scores and learns all events whose labels have not come yet.
func (c *Classification) Finish() { c.finish() }

// Run takes all events of a table, and finishes. It panics if something is wrong with the table.
func (c *Classification) Run(t *mining.Table) { c.run(t, nil) }

// RunAt takes all events of a table with their times, for [DelayTime], and finishes.
func (c *Classification) RunAt(t *mining.Table, times []time.Time) { c.run(t, times) }

// Results returns what each model reached: the baselines, then the others as they were entered.
func (c *Classification) Results() []*ClassResult { return c.results }

// Report returns the figures as a table: the models, then the baselines. Kappa M is against the majority class, kappa T against no
// change, both as they were predicted.
func (c *Classification) Report() *Report {
	r := &Report{
		Title:   "test-then-train, classification",
		Columns: []string{"events", "accuracy", "recent", "F1", "kappa", "kappa M", "kappa T", "log loss"},
	}
	f1 := func(m *Confusion) float64 { return m.F(Macro, 1) }
	if c.k == 2 {
		f1 = func(m *Confusion) float64 { return m.FOf(1, 1) }
		r.Columns = append(r.Columns, "Brier", "AUC")
	} else {
		r.Columns[3] = "macro F1"
	}
	for _, of := range c.results {
		m := of.Confusion
		row := ReportRow{Name: of.Name, Baseline: of.Baseline, Values: []float64{
			m.Total(), m.Accuracy(), of.Recent.Confusion(c.k).Accuracy(), f1(m), m.Kappa(),
			m.KappaOver(c.results[0].Confusion), m.KappaOver(c.results[1].Confusion), of.Losses.LogLoss(),
		}}
		if c.k == 2 {
			auc, _ := of.AUC.AUC()
			row.Values = append(row.Values, of.Losses.Brier(), auc)
		}
		r.Rows = append(r.Rows, row)
	}
	r.settle(1, true, "accuracy")
	return r
}
