package engine

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// A driver runs all tasks of a pipeline on one goroutine while its caller
// waits.
type driver struct {
	r      *Run
	done   map[*task]bool
	err    error
	rounds int64 // that were made, in a run without checkpoints

	watching sync.WaitGroup
}

// NewDriver begins a run. It takes checkpoints when they are asked for. Where readers acknowledge and
// there are no checkpoints, it makes a round each time that it has settled.
func NewDriver(p *Plan, cfg Config) (*driver, error) {
	r := newRun(p, cfg)
	r.sync = true
	if err := r.claim(); err != nil {
		return nil, err
	}
	hard, cancel := context.WithCancelCause(context.Background())
	r.Ctx, r.cancel, r.Stopping = hard, r.halting(cancel), hard
	d := &driver{r: r, done: map[*task]bool{}}
	r.gathers.all = d.gather
	if err := r.open(); err != nil {
		cancel(nil)
		r.release()
		p.free()
		return nil, err
	}
	if r.gatherer() != nil {
		r.gathers.next(0, false)
	}
	err := d.apart(func() {
		for _, t := range r.tasks {
			d.do(t, t.open)
		}
	})
	if err != nil {
		d.Close()
		return nil, err
	}
	for _, a := range r.assigned {
		d.watching.Go(a.watch)
	}
	return d, nil
}

// Settle works until there is nothing left to do.
func (d *driver) Settle() error {
	if err := d.apart(d.settle); err != nil {
		return err
	}
	return d.round()
}

// round has the sinks flush, and tells the sources what they have, in a run without
// checkpoints.
func (d *driver) round() error {
	if d.r.cut != nil || !d.r.barriers {
		return nil
	}
	d.rounds++
	if err := (&rounds{d.r.gathers}).round(d.rounds, false); d.err == nil && !errors.Is(err, ErrGivenUp) {
		d.err = err
	}
	return d.err
}

func (d *driver) settle() {
	for d.err == nil {
		before := d.moved()
		for _, t := range d.r.tasks {
			if d.err != nil {
				continue
			}
			if d.done[t] {
				d.do(t, t.serve)
				continue
			}
			d.step(t)
			for !d.done[t] && d.err == nil && t.inbox != nil && t.inbox.holds() {
				d.step(t)
			}
		}
		if before == d.moved() {
			return
		}
	}
}

// moved is a number that grows while anything happens.
func (d *driver) moved() (n int64) {
	for _, t := range d.r.tasks {
		n += t.steps
		if t.inbox != nil && t.inbox.holds() {
			n++
		}
	}
	return n + int64(len(d.done))
}

// Tick calls what is due by the clock that the driver was made with.
func (d *driver) Tick() error {
	err := d.apart(func() {
		for _, t := range d.r.tasks {
			if !d.done[t] {
				d.do(t, t.tick)
				d.do(t, t.quiet)
			}
		}
	})
	if err != nil {
		return err
	}
	return d.Settle()
}

// Checkpoint has barriers sent through the pipeline, and writes what is saved
// behind them.
func (d *driver) Checkpoint() error {
	if err := d.Settle(); err != nil {
		return err
	}
	c := d.r.cut
	if c == nil {
		return ErrNoRun
	}
	id, durable, err := c.take(wish{})
	if err != nil && !durable {
		c.keeper.GiveUp(id)
	}
	return err
}

// gather has barriers sent through the pipeline, and what is saved behind them gathered.
func (d *driver) gather(id int64, _ bool) error {
	c := d.r.gathers
	for !d.r.keepStill() {
		if err := d.apart(d.settle); err != nil { // a partition is being moved
			return err
		}
		runtime.Gosched()
	}
	defer d.r.moveOn()
	c.want(id)
	c.next(id, false)
	if err := d.apart(d.settle); err != nil {
		return err
	}
	for _, t := range d.r.tasks {
		if d.done[t] {
			if err := Apart(func() error { return t.save(id) }); err != nil {
				return err
			}
		}
	}
	if !c.complete() {
		return ErrGivenUp
	}
	return nil
}

// Close ends the run, whether or not its sources have ended.
func (d *driver) Close() error {
	d.r.cancel(nil)
	for _, t := range d.r.tasks {
		t.mail.close()
	}
	d.watching.Wait()
	for _, t := range d.r.tasks {
		if err := t.close(); err != nil && d.err == nil {
			d.err = err
		}
	}
	if err := d.r.closeStore(); err != nil && d.err == nil {
		d.err = err
	}
	d.r.release()
	d.r.Plan.free()
	return d.err
}

// step has a task do one piece of work.
func (d *driver) step(t *task) {
	d.do(t, func() (err error) {
		d.done[t], err = t.step(false)
		return err
	})
}

// do has a task do something, if nothing has failed before.
func (d *driver) do(t *task, f func() error) {
	if d.err != nil {
		return
	}
	t.watched(&d.err, f)
	if errors.Is(d.err, ErrStopped) {
		d.err = nil
	}
}

// apart calls f on a goroutine of its own and waits for it, so that a user's
// function that ends its goroutine ends the run, and not the test.
func (d *driver) apart(f func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
	return d.err
}

func (in *inbox) holds() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, l := range in.lanes {
		if l.n > 0 {
			return true
		}
	}
	return false
}
