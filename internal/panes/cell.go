package panes

import "github.com/freshet-go/freshet/window"

// A cell is one window of one key, and how its triggers stand. There is one
// for each open window of each key, so it holds what nearly all need.
type cell[A any] struct {
	acc      A
	memory   *memory // what only some need
	since    int32   // events since the last pane
	index    int32   // panes of this window so far
	finished bool    // fired once and for all
	closed   bool    // the on-time pane has been emitted
}

// A memory is what a cell remembers for stamps, and once it has fired.
type memory struct {
	has         bool        // first and last are set
	first, last window.Time // of the events that were on time
	shown       window.Window
}

func (c *cell[A]) remember() *memory {
	if c.memory == nil {
		c.memory = &memory{}
	}
	return c.memory
}

// triggers emits panes for cells as their triggers say.
type triggers[K comparable, A any] struct {
	ops   Ops[A]
	rules window.Trigger
	stamp window.Stamper // nil for the end of the window
	shot  bool           // a window fires one pane at most
	emit  func(*Pane[K, A])
	pane  Pane[K, A]
}

func newTriggers[K comparable, A any](spec window.Spec, ops Ops[A], emit func(*Pane[K, A])) triggers[K, A] {
	return triggers[K, A]{
		ops: ops, rules: spec.Trigger(), stamp: spec.Stamper(), emit: emit,
		shot: spec.Default() && spec.Lateness() == 0,
	}
}

// note counts an event at t; onTime says that it was not behind the watermark.
func (x *triggers[K, A]) note(c *cell[A], t window.Time, onTime bool) {
	c.since++
	if x.stamp == nil || !onTime {
		return
	}
	m := c.remember()
	if !m.has {
		m.first, m.last, m.has = t, t, true
		return
	}
	m.first, m.last = min(m.first, t), max(m.last, t)
}

// join adds to c what b has noted: the two have become one window. If one of
// them has fired once and for all, so has that window, and what the other
// held is lost: join returns how many events that are.
func (x *triggers[K, A]) join(c, b *cell[A]) (lost int) {
	c.acc = x.ops.Merge(c.acc, b.acc)
	c.since += b.since
	c.closed = c.closed && b.closed
	c.finished = c.finished || b.finished
	if b.memory != nil && b.memory.has {
		m := c.remember()
		if !m.has {
			m.first, m.last, m.has = b.memory.first, b.memory.last, true
		}
		m.first, m.last = min(m.first, b.memory.first), max(m.last, b.memory.last)
	}
	if c.finished {
		lost, c.since, c.acc = int(c.since), 0, x.ops.New()
	}
	return lost
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
	stamp := w.End - 1
	if !x.shot {
		m := c.remember()
		if m.shown != w {
			c.index, m.shown = 0, w
		}
		if x.stamp != nil && m.has {
			stamp = x.stamp(w, m.first, m.last)
		} else if x.stamp != nil {
			stamp = x.stamp(w, stamp, stamp)
		}
	}
	x.pane = Pane[K, A]{Hash: hash, Key: k, Window: w, Acc: c.acc, Timing: timing, Index: int(c.index), Stamp: stamp}
	c.index++
	c.since = 0
	x.emit(&x.pane)
	if x.rules.Discard {
		c.acc = x.ops.New()
	}
}
