package engine

import (
	"sync"
	"sync/atomic"
)

// A DriftGroup knows how far the instances of one EventTime have come.
type DriftGroup struct {
	mu      sync.Mutex
	run     *Run
	lows    []Time
	members []*DriftMember
	coming  map[*Partition]bool // that no member has been told of yet
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
	r := i.Place.Run
	r.refuse(i.Node, "it bounds how far partitions may be apart, which are read in different processes")
	if g.run != r {
		g.run, g.lows, g.members, g.coming = r, nil, nil, map[*Partition]bool{}
	}
	g.lows = append(g.lows, MinTime)
	m := &DriftMember{group: g, run: r, index: len(g.lows) - 1, task: i.Place.task}
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
func (m *DriftMember) Set(low Time) {
	m.group.mu.Lock()
	moved := low > m.group.lows[m.index]
	changed := low != m.group.lows[m.index]
	m.group.lows[m.index] = low
	members := m.group.members
	m.group.mu.Unlock()
	if moved {
		m.run.moveDrift()
	}
	if !changed {
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
func (m *DriftMember) Low() Time {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	low := MaxTime
	if len(m.group.coming) > 0 {
		return MinTime
	}
	for _, l := range m.group.lows {
		low = min(low, l)
	}
	return low
}
