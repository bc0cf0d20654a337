package livepage

import (
	"context"
	"sync"
	"time"
)

// A pace bounds what is sent to all viewers together: one answer in so long. Viewers who wait for a
// state form one queue, so all of them come in turn, and each the more rarely the more there are. Who leaves the queue
// takes nothing with it.
type pace struct {
	each time.Duration
	turn chan struct{} // room for one, who may send next; Go has those who wait for room come in the order in which they asked

	mu   sync.Mutex
	free time.Time // when the next answer is due
}

func newPace(sends int) *pace {
	return &pace{each: time.Second / time.Duration(sends), turn: make(chan struct{}, 1)}
}

// wait returns when a viewer may be sent a state. It returns false if ctx ended before. After true the viewer
// has the turn, and has to call done before it writes, as others wait for that.
func (p *pace) wait(ctx context.Context) bool {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	p.mu.Lock()
	ahead := time.Until(p.free)
	p.mu.Unlock()
	if ahead <= 0 {
		return true
	}
	due := time.NewTimer(ahead)
	defer due.Stop()
	select {
	case <-due.C:
		return true
	case <-ctx.Done():
		p.done()
		return false
	}
}

func (p *pace) done() { <-p.turn }

// mostAhead is how many answers are noted at most of those that do not wait: first states and panels. Whoever asks for them in a flood
// has the others see states so many times more rarely, and not never.
const mostAhead = 4

// note notes that an answer is sent.
func (p *pace) note() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	if p.free = p.free.Add(p.each); p.free.Sub(now) > mostAhead*p.each {
		p.free = now.Add(mostAhead * p.each)
	}
}
