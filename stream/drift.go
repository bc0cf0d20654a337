package stream

import "sync"

// A driftGroup knows how far the instances of one EventTime have come.
type driftGroup struct {
	mu   sync.Mutex
	run  *run
	lows []Time
}

func (g *driftGroup) join(r *run) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.run != r {
		g.run, g.lows = r, nil
	}
	g.lows = append(g.lows, minTime)
	return len(g.lows) - 1
}

func (g *driftGroup) set(r *run, member int, low Time) {
	g.mu.Lock()
	moved := low > g.lows[member]
	g.lows[member] = low
	g.mu.Unlock()
	if moved {
		r.moveDrift()
	}
}

func (g *driftGroup) low(*run) Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	low := maxTime
	for _, l := range g.lows {
		low = min(low, l)
	}
	return low
}
