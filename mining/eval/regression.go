package eval

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining"
)

// A NumberModel is a regressor that learns.
type NumberModel interface {
	mining.Learner
	mining.Regressor
}

// A Regression tests regressors on a stream, test-then-train, as [Classification] does. Beside the models stand what looks at no
// features: the [Mean], the last label, and the label of a season before.
type Regression struct {
	protocol
	results []*NumberResult
}

// A NumberResult is what a model reached.
type NumberResult struct {
	Name     string
	Baseline bool
	Errors   *Errors
	Recent   *Rolling // of the last events
	Faded    *Errors
	Curve    []Point
}

// NewRegression returns a test. A season is a number of events: 1 has none.
func NewRegression(season int, opts ...Option) *Regression {
	seasonal := NewSeasonal(season)
	r := &Regression{protocol: newProtocol(opts)}
	r.join("mean", new(Mean), true)
	r.join("last value", NewSeasonal(1), true)
	if season > 1 {
		r.join(fmt.Sprintf("%d before", season), seasonal, true)
	}
	return r
}

// Enter has a model take part. The name is for the report. It panics after the first event.
func (g *Regression) Enter(name string, m NumberModel) *NumberResult {
	return g.join(name, m, false)
}

func (g *Regression) join(name string, m NumberModel, baseline bool) *NumberResult {
	r := &NumberResult{Name: name, Baseline: baseline, Errors: new(Errors), Recent: NewRolling(g.window), Faded: new(Errors)}
	events := 0
	g.enter(&run{
		name: name, model: m,
		answer: func(x mining.Vector, to []float64) []float64 { return append(to[:0], m.Predict(x)) },
		score: func(label float64, p []float64, weight float64) {
			r.Errors.AddWeighted(label, p[0], weight)
			r.Recent.AddWeighted(label, p[0], weight)
			r.Faded.Scale(g.factor)
			r.Faded.AddWeighted(label, p[0], weight)
			if events++; g.every > 0 && events%g.every == 0 {
				r.Curve = append(r.Curve, Point{events, r.Errors.MAE(), r.Recent.Errors().MAE(), r.Faded.MAE()})
			}
		},
	})
	g.results = append(g.results, r)
	return r
}

// Step takes the next event.
func (g *Regression) Step(x mining.Vector, y float64) { g.step(time.Time{}, false, x, y, 1) }

// StepWeighted takes the next event, which counts weight times. A model that knows no weights learns it once.
func (g *Regression) StepWeighted(x mining.Vector, y, weight float64) {
	g.step(time.Time{}, false, x, y, weight)
}

// StepAt takes the next event with its time, for [DelayTime].
func (g *Regression) StepAt(at time.Time, x mining.Vector, y float64) { g.step(at, true, x, y, 1) }

// Finish scores and learns all events whose labels have not come yet.
func (g *Regression) Finish() { g.finish() }

// Run takes all events of a table, and finishes. It panics if something is wrong with the table.
func (g *Regression) Run(t *mining.Table) { g.run(t, nil) }

// RunAt takes all events of a table with their times, for [DelayTime], and finishes.
func (g *Regression) RunAt(t *mining.Table, times []time.Time) { g.run(t, times) }

// Results returns what each model reached: the baselines, then the others as they were entered.
func (g *Regression) Results() []*NumberResult { return g.results }

// Report returns the figures as a table: the models, then the baselines.
func (g *Regression) Report() *Report {
	r := &Report{Title: "test-then-train, regression", Columns: []string{"events", "MAE", "recent", "RMSE", "R2", "WAPE", "bias"}}
	for _, of := range g.results {
		e := of.Errors
		r.Rows = append(r.Rows, ReportRow{Name: of.Name, Baseline: of.Baseline, Values: []float64{
			e.Total(), e.MAE(), of.Recent.Errors().MAE(), e.RMSE(), e.R2(), e.WAPE(), e.Bias(),
		}})
	}
	r.settle(1, false, "MAE")
	return r
}
