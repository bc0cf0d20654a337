package engine

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// A gathering has barriers sent from the sources, again and again, and gathers
// what each task has saved behind them. What that is good for is its owner's: a
// coordination makes checkpoints of it, and rounds only acknowledge.
type gathering struct {
	r    *Run
	all  func(id int64, last bool) error // collect, or what a driver does in its place
	over chan struct{}                   // closed when tasks that have parked may end
	end  func()                          // closes over, once
	soon chan struct{}                   // capacity 1: somebody asks for the next one

	epoch atomic.Pointer[epoch]

	mu       sync.Mutex
	id       int64               // what is gathered for
	states   map[*task]taskState // what has come for it
	prepared func(preparedPart)  // takes what writers have prepared, whatever becomes of id
	parked   int
	changed  chan struct{} // capacity 1: a state has come, or a task has parked
}

func newGathering(r *Run) *gathering {
	over := make(chan struct{})
	c := &gathering{
		r: r, over: over, end: sync.OnceFunc(func() { close(over) }), soon: make(chan struct{}, 1),
		changed: make(chan struct{}, 1), states: map[*task]taskState{},
	}
	c.all = c.collect
	return c
}

func (c *gathering) allParked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.parked == len(c.r.tasks)
}

// acknowledge tells the sources what has been gathered.
func (c *gathering) acknowledge() (err error) {
	ctx, done := c.r.acknowledging()
	defer done()
	for _, t := range c.r.tasks {
		if t.source != nil {
			err = errors.Join(err, t.source.acknowledge(ctx, c.states[t].sources))
		}
	}
	return err
}

// An epoch is the time from the wish for one checkpoint to that for the next.
type epoch struct {
	id     int64
	last   bool // sources that have to stop wait for this one
	ctx    context.Context
	cancel context.CancelFunc
	gone   chan struct{} // closed when the next one has begun
}

// next begins an epoch.
func (c *gathering) next(id int64, last bool) {
	e := &epoch{id: id, last: last, gone: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancel(c.r.Stopping)
	if old := c.epoch.Swap(e); old != nil {
		old.cancel()
		close(old.gone)
	}
}

// ErrGivenUp says that a checkpoint was given up.
var ErrGivenUp = errors.New("it did not come about in time")

// collect waits for the state of all tasks. That of a run which has to stop comes when they have drained, and has
// as long as the stop has.
func (c *gathering) collect(id int64, last bool) error {
	var late <-chan time.Time
	if c.r.Stopping.Err() == nil {
		timeout := time.NewTimer(c.r.GiveUp)
		defer timeout.Stop()
		late = timeout.C
	}
	select {
	case c.r.moving <- struct{}{}:
		defer c.r.moveOn()
	case <-late:
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
		case <-late:
			return ErrGivenUp
		case <-c.r.Ctx.Done():
			return ErrStopped
		}
	}
	return nil
}

func (c *gathering) want(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id = id
	clear(c.states)
}

func (c *gathering) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states) == len(c.r.tasks)
}

// saved takes the state of a task. That for a checkpoint which has been given
// up is of no use, but what its sinks have prepared belongs to the next one.
func (c *gathering) saved(t *task, id int64, s taskState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range s.prepared {
		c.prepared(p)
	}
	if id == c.id {
		c.states[t] = s
		signal(c.changed)
	}
}

func (c *gathering) parks() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parked++
	signal(c.changed)
}
