package engine

import (
	"sync"
	"sync/atomic"
)

// A DriftGroup knows how far the instances of one EventTime have come.
type DriftGroup struct {
	mu      sync.Mutex
	run     *Run
	reached []Reach
	members []*DriftMember
	coming  map[*Partition]bool // that no member has been told of yet
}

// A Reach is how far an instance has come, or a group of them.
type Reach struct {
	Low  Time // the least watermark of the partitions that are waited for; MaxTime if none is
	High Time // the furthest watermark of all
	Idle bool // there is a partition that may go on and is not waited for
	Held bool // it was stopped short of its end, and holds back what is open
}

// Silent returns the watermark where no partition is waited for: the furthest, if
// one is idle. Those that have ended, or come later, do not let it go on.
func (r Reach) Silent() Time {
	if !r.Idle || r.Held {
		return MinTime
	}
	return r.High
}

// A DriftMember is an instance as its group sees it.
type DriftMember struct {
	group *DriftGroup
	run   *Run
	index int

	task  *task
	moved func() error // called in the task when another member has moved; nil if it looks by itself
	told  atomic.Bool  // moved will be called
}

// Join makes the instance a member of a group.
func (i *Instance) Join(g *DriftGroup) *DriftMember {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := i.Place.run
	r.refuse(i.Node, "it bounds how far partitions may be apart, which are read in different processes")
	if g.run != r {
		g.run, g.reached, g.members, g.coming = r, nil, nil, map[*Partition]bool{}
	}
	g.reached = append(g.reached, Reach{Low: MinTime, High: MinTime})
	m := &DriftMember{group: g, run: r, index: len(g.reached) - 1, task: i.Place.task}
	g.members = append(g.members, m)
	return m
}

// expect has the group stay where it is until a member has been told of a partition.
func (g *DriftGroup) expect(p *Partition) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.coming[p] = true
}

// Told notes that the member has been told of a partition.
func (m *DriftMember) Told(p *Partition) {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	delete(m.group.coming, p)
}

// Set says how far the instance has come.
func (m *DriftMember) Set(to Reach) {
	m.group.mu.Lock()
	was := m.group.reached[m.index]
	m.group.reached[m.index] = to
	members := m.group.members
	m.group.mu.Unlock()
	if to.Low > was.Low {
		m.run.moveDrift()
	}
	if to.Low == was.Low {
		return
	}
	for _, other := range members {
		if other != m && other.moved != nil && !other.told.Swap(true) {
			other.task.post(func() error {
				other.told.Store(false)
				return other.moved()
			})
		}
	}
}

// Low is how far the instance has come that is furthest behind.
func (m *DriftMember) Low() Time { return m.All().Low }

// All is how far all instances have come together.
func (m *DriftMember) All() Reach {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	all := Reach{Low: MaxTime, High: MinTime}
	if len(m.group.coming) > 0 {
		all.Low = MinTime
		return all
	}
	for _, r := range m.group.reached {
		all.Low, all.High = min(all.Low, r.Low), max(all.High, r.High)
		all.Idle, all.Held = all.Idle || r.Idle, all.Held || r.Held
	}
	return all
}
