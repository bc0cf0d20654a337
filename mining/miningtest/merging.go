package miningtest

import (
	"bytes"
	"math"
)

// merging: the parts are the whole.
func (c *checker[M]) merging() {
	c.t.Helper()
	if c.Merge == nil {
		return
	}
	whole := c.learnt(c.events)
	for _, cut := range []int{0, 1, len(c.events) / 3, len(c.events)} {
		cut = min(cut, len(c.events))
		a, b := c.learnt(c.events[:cut]), c.learnt(c.events[cut:])
		before := c.bytes(b)
		c.Merge(a, b)
		if !bytes.Equal(before, c.bytes(b)) {
			c.fail("merges", "what was merged into another model changed")
		}
		c.learn(b, c.later) // which has to leave a alone
		for i, e := range c.later {
			p, q := c.Answer(whole, e.x, nil), c.Answer(a, e.x, nil)
			for k := range p {
				if d := math.Abs(p[k] - q[k]); d > c.Tolerance*max(1, math.Abs(p[k])) {
					c.fail("merges", "parts of %d and %d events: answer %d to event %d is %v, and of the whole %v", cut, len(c.events)-cut, k, i, q[k], p[k])
				}
			}
		}
	}
}
