package engine

import (
	"slices"
	"time"
)

// Where EventTime stands behind a Merge, the partitions are read by other tasks.
// So these tell in the stream what becomes of them, and lanes between the two carry
// no events of different partitions in one batch.

// A tracking says, for a run, who takes part in that.
type tracking struct {
	passes map[*Node]bool          // operators between sources and such an EventTime, and it
	times  map[*Node][]*Node       // of sources: such EventTimes behind them
	groups map[*Node]*DriftGroup   // of such an EventTime, where partitions come and go
	known  map[*Node]tracedOrigins // what has been asked, as plans may branch and meet often
}

// SilenceOf says when an EventTime wants to know how long a partition has been silent.
type SilenceOf struct {
	Idle  time.Duration // once it has been for so long; 0 for never
	Clock time.Duration // from then on, each Step; 0 for never
	Step  time.Duration
}

// next returns the first silence longer than d that somebody wants to know of.
func (s *SilenceOf) next(d time.Duration) (at time.Duration, ok bool) {
	if s.Idle > d {
		at, ok = s.Idle, true
	}
	if s.Clock > 0 {
		clock := s.Clock
		if d >= clock {
			clock = d + s.Step
		}
		if !ok || clock < at {
			at, ok = clock, true
		}
	}
	return at, ok
}

// listens returns how much asking there may be that an EventTime was not told of. What filters take out in front of it ends
// the silence of a reader, and not that of the partition as the EventTime sees it, which is what has been asked since. Told of all of
// it, an EventTime would be sent a control with each Read.
func (s *SilenceOf) listens() time.Duration {
	step := s.Step
	if s.Clock == 0 || s.Idle > 0 && s.Idle/idleSteps < step {
		step = s.Idle / idleSteps
	}
	return max(step, time.Millisecond)
}

// Since returns since how much asking a partition has been silent that has just given something: told is what was told of last, before
// its events.
func (s *SilenceOf) Since(told time.Duration) time.Duration { return told + s.listens() }

// idleSteps are how often, in as long as a partition has to be silent to be idle.
const idleSteps = 8

// tracedOrigins says where the events of a stream are from.
type tracedOrigins struct {
	whole  bool // no operator on the way has mixed partitions in what it puts out
	merged bool // streams have met on the way
	dealt  bool // batches of one partition go to one task after the other
}

// track finds the EventTimes that are told of partitions: those behind a Merge whose
// events are each from a partition, by operators that keep them apart.
func (r *Run) track() {
	t := &r.tracking
	*t = tracking{map[*Node]bool{}, map[*Node][]*Node{}, map[*Node]*DriftGroup{}, map[*Node]tracedOrigins{}}
	for _, n := range r.Plan.Nodes {
		if n.Kind != "eventtime" || r.homes[n].Source != nil {
			continue
		}
		if from := t.origins(n); from.whole && from.merged {
			t.mark(n, n, map[*Node]bool{})
		}
	}
}

func (t *tracking) origins(n *Node) tracedOrigins {
	if from, ok := t.known[n]; ok {
		return from
	}
	from := tracedOrigins{whole: n.Source != nil || n.Through && len(n.Inputs) > 0, merged: n.Kind == "merge", dealt: n.Spread}
	for i, in := range n.Inputs {
		before := t.origins(in)
		from.whole = from.whole && before.whole && !(i < len(n.Inlets) && n.Inlets[i].Optional())
		from.merged = from.merged || before.merged
		from.dealt = from.dealt || before.dealt
	}
	t.known[n] = from
	return from
}

// mark notes all operators in front of n, for an EventTime.
func (t *tracking) mark(n, times *Node, seen map[*Node]bool) {
	if seen[n] {
		return
	}
	seen[n], t.passes[n] = true, true
	if n.Source != nil {
		t.times[n] = append(t.times[n], times)
	}
	for _, in := range n.Inputs {
		t.mark(in, times, seen)
	}
}

// expect has the EventTimes behind a source wait for a partition that has come, until they are told of it.
func (t *tracking) expect(source *Node, p *Partition) {
	for _, n := range t.times[source] {
		if g := t.groups[n]; g != nil {
			g.expect(p)
		}
	}
}

// Tracks reports whether n keeps partitions apart for an EventTime behind it, or is one.
func (r *Run) Tracks(n *Node) bool { return r.tracking.passes[n] }

// Tracks is that of the run.
func (pl *Place) Tracks(n *Node) bool { return pl.run.Tracks(n) }

// JoinTold makes the instance a member of a group if partitions come and go that it is
// told of. It returns nil if none do. F is called in its task when another member has moved.
func (i *Instance) JoinTold(g *DriftGroup, f func() error) *DriftMember {
	if !i.Tracked() {
		return nil
	}
	r := i.Place.run
	for _, a := range r.assigned {
		if slices.Contains(r.tracking.times[a.node], i.Node) {
			r.tracking.groups[i.Node] = g
			m := i.Join(g)
			m.moved = f
			return m
		}
	}
	return nil
}

// Tracked reports whether the instance is of an EventTime that is told of partitions.
func (i *Instance) Tracked() bool { return i.Place.run.Tracks(i.Node) && !i.Reads() }

// Dealt reports whether batches of one partition may go to one instance after the other, so that an instance which is given none
// does not know that there are none.
func (i *Instance) Dealt() bool { return i.Place.run.tracking.known[i.Node].dealt }
