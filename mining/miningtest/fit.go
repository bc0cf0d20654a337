package miningtest

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
)

// FittedClassifier returns what checks a classifier that learns from a table.
func FittedClassifier[M interface {
	mining.Saved
	mining.Fitter
	mining.Classifier
}](features int, build func() M) Model[M] {
	return Model[M]{
		New:           build,
		Fit:           func(m M, t *mining.Table) error { return m.Fit(t) },
		Answer:        func(m M, x mining.Vector, to []float64) []float64 { return append(to, m.Probabilities(x, nil)...) },
		Features:      features,
		Probabilities: true,
	}
}

// FittedRegressor returns what checks a regressor that learns from a table.
func FittedRegressor[M interface {
	mining.Saved
	mining.Fitter
	mining.Regressor
}](features int, build func() M) Model[M] {
	return Model[M]{
		New:      build,
		Fit:      func(m M, t *mining.Table) error { return m.Fit(t) },
		Answer:   func(m M, x mining.Vector, to []float64) []float64 { return append(to, m.Predict(x)) },
		Features: features,
		Label: func(random *rand.Rand, x mining.Vector) float64 {
			return total(x) + random.NormFloat64()
		},
	}
}

// table returns the table of events.
func table(events []event) *mining.Table {
	t := new(mining.Table)
	for _, e := range events {
		t.Add(e.x, e.y)
	}
	return t
}

// fit has a model learn the table of events. Few events may be too few for a model: then it says so, and
// has to be as it was.
func (c *checker[M]) fit(m M, events []event) {
	c.t.Helper()
	before := c.bytes(m)
	switch err := c.Fit(m, table(events)); {
	case err == nil:
	case len(events) >= 100:
		c.fail("fits a table", "of %d events: %v", len(events), err)
	case !bytes.Equal(before, c.bytes(m)):
		c.fail("is as it was after an error", "the model changed, and Fit said: %v", err)
	}
}

// keepingTable: the memory of a table is the caller's, and is not written to.
func (c *checker[M]) keepingTable(m M) {
	c.t.Helper()
	t, same := table(c.events), table(c.events)
	if err := c.Fit(m, t); err != nil {
		c.fail("fits a table", "%v", err)
		return
	}
	for i, x := range t.X {
		for k, v := range x.Value {
			if math.Float64bits(v) != math.Float64bits(same.X[i].Value[k]) || math.Float64bits(t.Y[i]) != math.Float64bits(same.Y[i]) {
				c.fail("does not write to a table", "event %d changed", i)
			}
			x.Value[k] = 12345
		}
		t.Y[i] = 0
	}
	if d := c.differ(m, c.learnt(c.events)); d != "" {
		c.fail("keeps nothing of a table", "%s", d)
	}
}

// strangeTables: no table, and no event, makes a model answer NaN.
func (c *checker[M]) strangeTables() {
	c.t.Helper()
	for _, share := range []int{1, 2, 10} {
		events := make([]event, 0, len(c.events))
		values := strangeValues()
		for i, e := range c.events {
			x := e.x.Clone()
			for k := range x.Value {
				if (i+k)%share == 0 {
					x.Value[k] = values[(i*7+k*3)%len(values)]
				}
			}
			events = append(events, event{x, e.y})
		}
		m := c.New()
		// That it cannot be learnt from is an answer, too.
		_ = c.Fit(m, table(events))
		for _, e := range append(events[:min(len(events), 50)], c.later...) {
			c.sound(m, e.x, fmt.Sprintf("after a table with strange values, one of %d", share))
		}
	}
	m := c.learnt(c.events)
	for k, v := range strangeValues() {
		x := c.later[k].x.Clone()
		for i := range x.Value {
			x.Value[i] = v
		}
		c.sound(m, x, "to strange values")
	}
	c.sound(m, mining.Vector{}, "to an event without values")
	if c.unlabelled(m) {
		return
	}
	// An event whose label is unknown is as good as absent.
	t := table(c.events)
	for _, y := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		t.Add(c.later[0].x, y)
	}
	unknown := c.New()
	if err := c.Fit(unknown, t); err != nil {
		c.fail("learns nothing from an unknown label", "it is an error: %v", err)
	} else if d := c.differ(m, unknown); d != "" {
		c.fail("learns nothing from an unknown label", "%s", d)
	}
}

// tables: one that is no table is an error, and changes nothing.
func (c *checker[M]) tables() {
	c.t.Helper()
	if c.Fit == nil {
		return
	}
	m := c.learnt(c.events)
	before := c.bytes(m)
	short, weights, negative := table(c.events), table(c.events), table(c.events)
	short.Y = short.Y[:len(short.Y)-1]
	weights.Weight = []float64{1}
	negative.Weight = make([]float64, len(c.events))
	negative.Weight[0] = -1
	for what, t := range map[string]*mining.Table{
		"an empty table": {}, "a label too few": short, "a weight too few": weights, "a negative weight": negative,
	} {
		if what == "a label too few" && c.unlabelled(m) {
			continue
		}
		if err := c.Fit(m, t); err == nil {
			c.fail("refuses a bad table", "%s is no error", what)
		}
		if !bytes.Equal(before, c.bytes(m)) {
			c.fail("is as it was after an error", "%s changed it", what)
		}
	}
}
