package miningtest

import (
	"bytes"
	"fmt"

	"github.com/freshet-go/freshet/mining"
)

// fitting: a model that is a mining.Fitter keeps its contract, whether it is checked by Fit or by Learn. A table that it
// cannot learn is an error and changes nothing, and what it had learnt before a Fit it forgets.
func (c *checker[M]) fitting() {
	c.t.Helper()
	fit := c.Fit
	if fit == nil {
		if _, ok := any(c.New()).(mining.Fitter); !ok {
			return
		}
		fit = func(m M, t *mining.Table) error { return any(m).(mining.Fitter).Fit(t) }
	}
	m := c.learnt(c.events)
	before := c.bytes(m)
	for what, t := range c.bad(m) {
		err := c.refused(func() error { return fit(m, t) }, what)
		if err == nil {
			c.fail("refuses a bad table", "%s is no error", what)
		}
		if !bytes.Equal(before, c.bytes(m)) {
			c.fail("is as it was after an error", "%s changed it", what)
			return
		}
	}
	once, twice := c.New(), c.learnt(c.later)
	if fit(once, known(c.events)) != nil { // such as of a loss that it does not solve for
		return
	}
	for fits := range 2 {
		if err := fit(twice, known(c.events)); err != nil {
			c.fail("forgets what it had learnt", "the next Fit of the same table: %v", err)
		}
		if d := c.differ(once, twice); d != "" {
			c.fail("forgets what it had learnt", "after %d fits and events before: %s", fits+1, d)
		}
		if !bytes.Equal(c.bytes(once), c.bytes(twice)) {
			c.fail("forgets what it had learnt", "after %d fits and events before, it is saved as other bytes", fits+1)
		}
	}
}

// bad returns tables that m has to refuse, by what is wrong with them. What is wrong is in the last event, so that a
// model which learns before it looks has changed.
func (c *checker[M]) bad(m M) map[string]*mining.Table {
	last := len(c.events) - 1
	negative := known(c.events)
	negative.Weight = make([]float64, last+1)
	for i := range negative.Weight {
		negative.Weight[i] = 1
	}
	negative.Weight[last] = -1
	tables := map[string]*mining.Table{"an empty table": {}, "a weight of -1": negative}
	_, classifier := any(m).(mining.Classifier)
	_, regressor := any(m).(mining.Regressor)
	_, outlier := any(m).(mining.Outlier)
	if classifier || regressor || outlier { // a step may hand on what it was not made for
		for i := range 2 { // whose last rows may be kept to calibrate with
			wide := known(c.events)
			x := mining.Dense(make([]float64, c.Features+1)...)
			wide.X[i*last] = x
			tables[fmt.Sprintf("a feature too many in event %d", i*last)] = wide
		}
	}
	if k, ok := any(m).(mining.Classifier); ok {
		for i, y := range []float64{float64(k.Classes()), -1, 0.5, 1e300} {
			t := known(c.events)
			t.Y[i%2*last] = y
			tables[fmt.Sprintf("the class %v", y)] = t
		}
		one := known(c.events)
		for i := range one.Y {
			if i > last/4 {
				one.Y[i] = mining.Missing
			}
		}
		if fresh := c.New(); any(fresh).(mining.Fitter).Fit(one) != nil { // which is an error for some
			tables["labels in the first quarter alone"] = one
		}
	}
	return tables
}

// refused calls fit, and reports a panic as none of the answers that it may give.
func (c *checker[M]) refused(fit func() error, what string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			c.fail("refuses a bad table", "%s panics: %v", what, r)
			err = fmt.Errorf("%v", r)
		}
	}()
	return fit()
}

// known returns the table of events with 0 in place of what is missing.
func known(events []event) *mining.Table {
	t := table(events)
	for _, x := range t.X {
		for i, v := range x.Value {
			if !mining.Known(v) {
				x.Value[i] = 0
			}
		}
	}
	return t
}
