package panes

import "github.com/freshet-go/freshet/window"

// A cell is one window of one key, and how its triggers stand.
type cell[A any] struct {
	acc      A
	since    int32 // events since the last pane
	index    int32 // panes of this window so far
	finished bool  // fired once and for all
	closed   bool  // the on-time pane has been emitted
	has      bool  // first and last are set
	first    window.Time
	last     window.Time   // of the events that were on time
	shown    window.Window // the window as the last pane had it
}

// triggers emits panes for cells as their triggers say.
type triggers[K comparable, A any] struct {
	ops   Ops[A]
	rules window.Trigger
	stamp window.Stamper
	emit  func(*Pane[K, A])
	pane  Pane[K, A]
}

func newTriggers[K comparable, A any](spec window.Spec, ops Ops[A], emit func(*Pane[K, A])) triggers[K, A] {
	t := triggers[K, A]{ops: ops, rules: spec.Trigger(), stamp: spec.Stamper(), emit: emit}
	if t.stamp == nil {
		t.stamp = window.EndOfWindow
	}
	return t
}

// note counts an event at t; onTime says that it was not behind the watermark.
func (c *cell[A]) note(t window.Time, onTime bool) {
	c.since++
	if !onTime {
		return
	}
	if !c.has {
		c.first, c.last, c.has = t, t, true
		return
	}
	c.first, c.last = min(c.first, t), max(c.last, t)
}

// added fires what an event that was added to c triggers at watermark now.
func (x *triggers[K, A]) added(c *cell[A], w window.Window, hash uint64, k K, now window.Time) {
	switch n := int(c.since); {
	case x.rules.Once > 0:
		if n >= x.rules.Once {
			x.fire(c, w, hash, k, x.timing(w, now))
			c.acc, c.finished = x.ops.New(), true
		}
	case w.End > now:
		if x.rules.EarlyCount > 0 && n >= x.rules.EarlyCount {
			x.fire(c, w, hash, k, Early)
		}
	case n >= max(1, x.rules.LateCount):
		x.fire(c, w, hash, k, Late)
	}
}

func (x *triggers[K, A]) timing(w window.Window, now window.Time) Timing {
	if w.End > now {
		return Early
	}
	return Late
}

// passed fires the on-time pane of c: the watermark has passed its end.
func (x *triggers[K, A]) passed(c *cell[A], w window.Window, hash uint64, k K) {
	if x.rules.Once == 0 && !c.closed {
		x.fire(c, w, hash, k, OnTime)
	}
	c.closed = true
}

// last fires what no pane has shown before c is forgotten.
func (x *triggers[K, A]) last(c *cell[A], w window.Window, hash uint64, k K) {
	if c.since > 0 && !c.finished {
		x.fire(c, w, hash, k, Late)
	}
}

func (x *triggers[K, A]) fire(c *cell[A], w window.Window, hash uint64, k K, timing Timing) {
	if c.shown != w {
		c.index, c.shown = 0, w
	}
	first, last := w.End-1, w.End-1
	if c.has {
		first, last = c.first, c.last
	}
	x.pane = Pane[K, A]{
		Hash: hash, Key: k, Window: w, Acc: c.acc, Timing: timing,
		Index: int(c.index), Stamp: x.stamp(w, first, last),
	}
	c.index++
	c.since = 0
	x.emit(&x.pane)
	if x.rules.Discard {
		c.acc = x.ops.New()
	}
}
