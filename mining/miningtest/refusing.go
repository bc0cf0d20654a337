package miningtest

import (
	"bytes"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// refusing: what is wrong with an event panics, whether its label is known or not, and changes nothing.
func (c *checker[M]) refusing() {
	c.t.Helper()
	if c.Learn == nil {
		return
	}
	m := c.learnt(c.events)
	before := c.bytes(m)
	y := c.later[0].y
	wide := mining.Dense(make([]float64, c.Features+1)...)
	if !c.unlabelled(m) && panics(func() { c.Learn(m, wide, y) }) && !panics(func() { c.Learn(m, wide, math.NaN()) }) {
		c.fail("refuses an event", "a place too many panics, and with an unknown label it does not")
	}
	m = c.learnt(c.events) // as a model that took the wide event may have learnt it
	w, ok := any(m).(mining.WeightedLearner)
	if !ok {
		return
	}
	for _, weight := range []float64{-1, math.NaN(), math.Inf(1)} {
		for _, label := range []float64{y, math.NaN()} {
			if !panics(func() { w.LearnWeighted(c.later[0].x, label, weight) }) {
				c.fail("refuses an event", "a weight of %v with the label %v does not panic", weight, label)
			}
		}
	}
	if !bytes.Equal(before, c.bytes(m)) {
		c.fail("refuses an event", "a weight that is none changed the model")
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
