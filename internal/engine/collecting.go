package engine

import (
	"context"
	"errors"
	"time"
)

// An epoch is the time from the wish for one checkpoint to that for the next.
type epoch struct {
	id     int64
	last   bool // sources that have to stop wait for this one
	ctx    context.Context
	cancel context.CancelFunc
	gone   chan struct{} // closed when the next one has begun
}

// next begins an epoch.
func (c *coordination) next(id int64, last bool) {
	e := &epoch{id: id, last: last, gone: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancel(c.r.Stopping)
	if old := c.epoch.Swap(e); old != nil {
		old.cancel()
		close(old.gone)
	}
}

// ErrGivenUp says that a checkpoint was given up.
var ErrGivenUp = errors.New("it did not come about in time")

// collect waits for the state of all tasks.
func (c *coordination) collect(id int64, last bool) error {
	timeout := time.NewTimer(c.r.GiveUp)
	defer timeout.Stop()
	select {
	case c.r.moving <- struct{}{}:
		defer c.r.moveOn()
	case <-timeout.C:
		return ErrGivenUp
	case <-c.r.Ctx.Done():
		return ErrStopped
	}
	c.want(id)
	c.next(id, last)
	for _, t := range c.r.tasks {
		t.rouse()
	}
	for !c.complete() {
		select {
		case <-c.changed:
		case <-timeout.C:
			return ErrGivenUp
		case <-c.r.Ctx.Done():
			return ErrStopped
		}
	}
	return nil
}

func (c *coordination) want(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id = id
	clear(c.states)
}

func (c *coordination) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states) == len(c.r.tasks)
}

// saved takes the state of a task. That for a checkpoint which has been given
// up is of no use, but what its sinks have prepared belongs to the next one.
func (c *coordination) saved(t *task, id int64, s taskState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range s.prepared {
		for _, x := range c.transactions {
			if x.n == p.n {
				x.prepared = append(x.prepared, p.data)
			}
		}
	}
	if id == c.id {
		c.states[t] = s
		signal(c.changed)
	}
}

func (c *coordination) parks() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parked++
	signal(c.changed)
}
