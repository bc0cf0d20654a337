package engine

import "sync"

// A DriftGroup knows how far the instances of one EventTime have come.
type DriftGroup struct {
	mu   sync.Mutex
	run  *Run
	lows []Time
}

// A DriftMember is an instance as its group sees it.
type DriftMember struct {
	group *DriftGroup
	run   *Run
	index int
}

// Join makes the instance a member of a group.
func (i *Instance) Join(g *DriftGroup) *DriftMember {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := i.Place.Run
	if g.run != r {
		g.run, g.lows = r, nil
	}
	g.lows = append(g.lows, MinTime)
	return &DriftMember{g, r, len(g.lows) - 1}
}

// Set says how far the instance has come.
func (m *DriftMember) Set(low Time) {
	m.group.mu.Lock()
	moved := low > m.group.lows[m.index]
	m.group.lows[m.index] = low
	m.group.mu.Unlock()
	if moved {
		m.run.moveDrift()
	}
}

// Low is how far the instance has come that is furthest behind.
func (m *DriftMember) Low() Time {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	low := MaxTime
	for _, l := range m.group.lows {
		low = min(low, l)
	}
	return low
}
