package engine

import (
	"sync"
	"sync/atomic"
)

// A line is how far in event time the instances of an operator go on firing in
// a run that was told to stop and has more to fire than is done at once. They
// have to agree on it: a checkpoint goes on from one watermark of each operator.
// So each says how far it is about to go before it fires anything. The first
// that hears that it is time draws the line where the furthest one is: the others
// come as far, and none goes further. What has not fired is in the last
// checkpoint, and fires in the next run.
type line struct {
	instances []*Instance // of which any may be the first
	drawn     atomic.Bool
	once      sync.Once
	limit     Time // once it is drawn
}

// line returns that of an operator, while the run is prepared.
func (r *Run) line(n *Node) *line {
	if r.lines[n] == nil {
		r.lines[n] = &line{}
	}
	return r.lines[n]
}

// draw returns the line. Who has said how far it is about to go before drawn was
// set is asked here, and who says so later finds it set.
func (l *line) draw() Time {
	l.once.Do(func() {
		l.drawn.Store(true)
		l.limit = MinTime
		first := l.instances[0]
		if from := first.Place.run.from; from != nil && from.operators[first.Node.Name] != nil {
			l.limit = from.operators[first.Node.Name].furthest() // all catch up to it
		}
		for _, i := range l.instances {
			l.limit = max(l.limit, Time(i.bound.Load()))
		}
	})
	return l.limit
}

// Reach says how far the instance may go that is about to fire what is due at
// t: to t, or only as far as the line. A run that has to end at once goes
// nowhere, and saves nothing. It is a [panes.Reach].
func (i *Instance) Reach(t Time) Time {
	rt := i.Place.run
	switch {
	case rt.halt.Load():
		return MinTime
	case rt.cut == nil: // there is no next run to leave anything to
		return t
	}
	if int64(t) > i.bound.Load() {
		i.bound.Store(int64(t))
	}
	if i.line.drawn.Load() || rt.leaving.Load() {
		return min(t, i.line.draw())
	}
	return t
}
