package miningtest

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/freshet-go/freshet/mining"
)

// Check checks that models of that kind keep what package mining promises. Each broken
// promise is reported once, by t.Errorf.
func Check[M mining.Saved](t testing.TB, model Model[M]) {
	t.Helper()
	if model.New == nil || (model.Learn == nil) == (model.Fit == nil) || model.Answer == nil || model.Features <= 0 {
		t.Errorf("miningtest: Check needs New, either Learn or Fit, Answer and Features")
		return
	}
	if model.Label == nil {
		model.Label = sign
	}
	if model.Events == 0 {
		model.Events = 2000
	}
	if model.Bytes == 0 {
		model.Bytes = 64 << 10
	}
	if model.Tolerance == 0 {
		model.Tolerance = 1e-9
	}
	c := &checker[M]{Model: model, t: t, broken: map[string]bool{}}
	c.events, c.later = model.draw(model.Events, 1), model.draw(100, 2)
	c.seeded()
	c.saved()
	c.damaged()
	c.reading()
	c.keeping()
	c.strange()
	c.bounded()
	c.merging()
	c.refusing()
	c.tables()
	c.fitting()
}

type checker[M mining.Saved] struct {
	Model[M]
	t             testing.TB
	events, later []event
	broken        map[string]bool
}

func (c *checker[M]) fail(promise, format string, args ...any) {
	c.t.Helper()
	if !c.broken[promise] {
		c.broken[promise] = true
		c.t.Errorf("%T: %s: %s", *new(M), promise, fmt.Sprintf(format, args...))
	}
}

// learnt returns a model that has learnt events.
func (c *checker[M]) learnt(events []event) M {
	m := c.New()
	c.learn(m, events)
	return m
}

func (c *checker[M]) learn(m M, events []event) {
	if c.Fit != nil {
		c.fit(m, events)
		return
	}
	for _, e := range events {
		c.Learn(m, e.x, e.y)
	}
}

func (c *checker[M]) bytes(m M) []byte {
	c.t.Helper()
	b, err := m.AppendBinary(nil)
	if err != nil {
		c.fail("is saved", "AppendBinary: %v", err)
	}
	return b
}

// differ returns where two models answer different things, bit for bit.
func (c *checker[M]) differ(a, b M) string {
	for i, e := range c.later {
		p, q := c.Answer(a, e.x, nil), c.Answer(b, e.x, nil)
		if len(p) != len(q) {
			return fmt.Sprintf("%d and %d answers to %v", len(p), len(q), e.x)
		}
		for k := range p {
			if math.Float64bits(p[k]) != math.Float64bits(q[k]) {
				return fmt.Sprintf("answer %d to event %d, %v, is %v and %v", k, i, e.x, p[k], q[k])
			}
		}
	}
	return ""
}

// sound reports an answer that no model may give.
func (c *checker[M]) sound(m M, x mining.Vector, when string) {
	c.t.Helper()
	answers := c.Answer(m, x, nil)
	sum := 0.0
	for _, a := range answers {
		if !mining.Known(a) {
			c.fail("answers numbers", "%s, to %v: %v", when, x, answers)
		}
		if c.Probabilities && (a < 0 || a > 1) {
			c.fail("answers probabilities", "%s, to %v: %v", when, x, answers)
		}
		sum += a
	}
	if c.Probabilities && math.Abs(sum-1) > 1e-9 {
		c.fail("probabilities add up to 1", "%s, to %v: %v", when, x, answers)
	}
}

// seeded: the same events, the same model.
func (c *checker[M]) seeded() {
	c.t.Helper()
	a, b := c.learnt(c.events), c.learnt(c.events)
	if d := c.differ(a, b); d != "" {
		c.fail("is the same for the same seed", "%s", d)
	}
	if !bytes.Equal(c.bytes(a), c.bytes(b)) {
		c.fail("is the same for the same seed", "it is saved as other bytes")
	}
	for _, e := range c.later {
		c.sound(c.New(), e.x, "before it has learnt anything")
		c.sound(a, e.x, "after it has learnt")
	}
}

// saved: what was restored goes on bit for bit.
func (c *checker[M]) saved() {
	c.t.Helper()
	for _, n := range []int{0, 1, 2, 7, len(c.events) / 3, len(c.events)} {
		n = min(n, len(c.events))
		whole := c.learnt(c.events[:n])
		b := c.bytes(whole)
		restored := c.New()
		c.learn(restored, c.later) // which UnmarshalBinary replaces
		data := bytes.Clone(b)
		if err := restored.UnmarshalBinary(data); err != nil {
			c.fail("is restored", "after %d events: %v", n, err)
			return
		}
		clear(data)
		if again := c.bytes(restored); !bytes.Equal(b, again) {
			c.fail("is restored", "after %d events it is saved as %d bytes, and what was restored as %d others", n, len(b), len(again))
		}
		if d := c.differ(whole, restored); d != "" {
			c.fail("is restored", "after %d events: %s", n, d)
		}
		c.learn(whole, c.events[n:])
		c.learn(restored, c.events[n:])
		if d := c.differ(whole, restored); d != "" {
			c.fail("goes on bit for bit", "restored after %d of %d events: %s", n, len(c.events), d)
		}
		if !bytes.Equal(c.bytes(whole), c.bytes(restored)) {
			c.fail("goes on bit for bit", "restored after %d of %d events, it is saved as other bytes", n, len(c.events))
		}
	}
}

// damaged: bytes that are no model are an error, and change nothing.
func (c *checker[M]) damaged() {
	c.t.Helper()
	m := c.learnt(c.events)
	b := c.bytes(m)
	before := bytes.Clone(b)
	try := func(what string, data []byte) {
		if err := m.UnmarshalBinary(data); err == nil {
			c.fail("refuses damaged bytes", "%s is no error", what)
		}
	}
	step := max(1, len(b)/500)
	for n := 0; n < len(b); n += step {
		try(fmt.Sprintf("the first %d of %d bytes", n, len(b)), b[:n])
		flipped := bytes.Clone(b)
		flipped[n] ^= 0x41
		try(fmt.Sprintf("a changed byte %d", n), flipped)
	}
	try("a byte more", append(bytes.Clone(b), 0))
	if !bytes.Equal(before, c.bytes(m)) {
		c.fail("refuses damaged bytes", "they changed the model")
	}
}

// reading: an answer changes nothing.
func (c *checker[M]) reading() {
	c.t.Helper()
	m := c.learnt(c.events)
	before := c.bytes(m)
	for _, e := range c.later {
		c.Answer(m, e.x, nil)
	}
	if !bytes.Equal(before, c.bytes(m)) {
		c.fail("answers without learning", "its bytes changed")
	}
}

// keeping: the memory of an event is the caller's.
func (c *checker[M]) keeping() {
	c.t.Helper()
	m := c.New()
	if c.Fit != nil {
		c.keepingTable(m)
		return
	}
	var x mining.Vector
	for _, e := range c.events {
		x.Value, x.Index = append(x.Value[:0], e.x.Value...), append(x.Index[:0], e.x.Index...)
		c.Learn(m, x, e.y)
		for i := range x.Value {
			x.Value[i] = 12345
		}
	}
	if d := c.differ(m, c.learnt(c.events)); d != "" {
		c.fail("keeps nothing of a vector", "%s", d)
	}
}

// strange: no event makes a model answer NaN.
func (c *checker[M]) strange() {
	c.t.Helper()
	if c.Fit != nil {
		c.strangeTables()
		return
	}
	values := strangeValues()
	for _, early := range []bool{true, false} {
		m := c.New()
		if !early {
			c.learn(m, c.events)
		}
		for round := range 3 {
			for k, v := range values {
				x := c.later[k].x.Clone()
				for i := range x.Value {
					if round == 0 || (i+k)%2 == 0 {
						x.Value[i] = v
					}
				}
				c.sound(m, x, "to strange values")
				c.Learn(m, x, c.later[k].y)
				c.sound(m, c.later[k].x, fmt.Sprintf("after it learnt %v", v))
			}
		}
		for _, e := range c.later {
			c.sound(m, e.x, "after it learnt strange values")
		}
		c.sound(m, mining.Vector{}, "to an event without values")
		c.Learn(m, mining.Vector{}, c.later[0].y)
		c.sound(m, c.later[0].x, "after an event without values")
	}
	m := c.learnt(c.events)
	if c.unlabelled(m) {
		return
	}
	before := c.bytes(m)
	for _, y := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		c.Learn(m, c.later[0].x, y)
	}
	if !bytes.Equal(before, c.bytes(m)) {
		c.fail("learns nothing from an unknown label", "its bytes changed")
	}
}

func strangeValues() []float64 {
	return []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 1e200, -1e200, math.SmallestNonzeroFloat64, 0, math.Copysign(0, -1)}
}

// unlabelled reports whether the model has no use for labels.
func (c *checker[M]) unlabelled(m M) bool {
	_, outlier := any(m).(mining.Outlier)
	return outlier || c.Unlabelled
}

// bounded: many events take no more than few.
func (c *checker[M]) bounded() {
	c.t.Helper()
	m := c.New()
	for round := range 5 {
		c.learn(m, c.draw(c.Events, uint64(round)+3))
		if n := len(c.bytes(m)); n > c.Bytes {
			c.fail("is bounded", "after %d events it takes %d bytes, and %d were stated", (round+1)*c.Events, n, c.Bytes)
		}
	}
}
