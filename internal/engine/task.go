package engine

import (
	"errors"
	"sync/atomic"
	"time"
)

// ErrStopped ends a task whose run is over for another reason.
var ErrStopped = errors.New("stream: stopped")

// A task is one instance of a stage: a chain of operators that one goroutine
// drives, from a source or an inbox to the sinks and exchanges at its ends.
type task struct {
	rt    *Run
	stage *Node // the operator that the stage begins with
	index int

	source *reading // reads a source; nil for a stage fed by others
	inbox  *inbox
	mail   mailbox

	starts   []func() error // in the order of creation, before the first event
	resumes  []func() error // once the state of a checkpoint has been restored
	behind   []*Instance    // that begin behind others of their operators
	closes   []func() error // in reverse order, after the last
	flushers []func() error
	tickers  []waker
	watchers []partitionWatcher
	heeds    bool // watchers want to know how long partitions are silent
	gates    []func(*Partition) bool
	parts    []*Partition
	reads    *Partition // the one whose Read is being called; nil if none is
	readAt   time.Time  // since when, by the run's clock, if the task heeds silence
	ports    int        // ports of the inbox that have not ended
	feeds    []*task    // those that send to the inbox
	entries  []*Port
	steps    int64 // pieces of work done
	followed int64 // when a batch was read that is followed, by run.nanos; 0 before the first

	holding   []*Instance // those that have state, in the order of creation
	preparing []preparing
	at        *Instance     // the operator whose functions are called
	saved     int64         // the checkpoint that the state was saved for last
	roused    chan struct{} // capacity 1: there may be something to do for a task that has parked

	// idle and pressed are the time spent waiting for input, or for the last
	// checkpoint, and for space downstream; the rest of the task's life it was
	// busy.
	idle, pressed duration
	began, ended  atomic.Int64 // by run.elapsed; 0 before
}

// A waker acts in processing time.
type waker interface {
	Due() (time.Time, bool)
	Tick(now time.Time) error
}

// drive runs the task to its end. It reports an error itself: a user's
// function may end the goroutine, so that drive does not return.
func (t *task) drive() {
	t.began.Store(int64(t.rt.elapsed()))
	var err error
	defer func() {
		t.fail(err) // before others hear that the task has ended
		t.mail.close()
		t.fail(t.close())
		t.ended.Store(int64(t.rt.elapsed()))
	}()
	t.watched(&err, t.live)
}

// fail ends the run if err is the reason for it.
func (t *task) fail(err error) {
	if err != nil && !errors.Is(err, ErrStopped) {
		t.rt.cancel(err)
	}
}

// watched calls f and stores in *err what it fails with. A panic outside the
// guards of events, and the end of the goroutine, are errors of the operator
// that was at work.
func (t *task) watched(err *error, f func() error) {
	defer func() {
		switch (*err).(type) {
		case *PanicError, *GoexitError:
			*err = t.fault(*err)
		}
	}()
	watched(err, f)
}

// fault names the operator that is at work, or else the first one.
func (t *task) fault(cause error) error {
	e := &OperatorError{Operator: t.stage.Name, Err: cause}
	if t.at != nil {
		e.Operator = t.at.Node.Name
	}
	if t.reads != nil {
		e.Position = t.reads.Name
	}
	for _, p := range t.parts {
		if p.telling {
			e.Operator, e.Position = p.Source, p.Name
		}
	}
	return e
}

// close calls what was to be called at the end, and returns the first error.
func (t *task) close() (err error) {
	for i := len(t.closes) - 1; i >= 0; i-- {
		if e := t.closes[i](); e != nil && err == nil {
			err = e
		}
	}
	t.closes = nil
	return err
}

// live is what a task does, from its first event to its last.
func (t *task) live() error {
	if err := t.open(); err != nil {
		return err
	}
	for {
		done, err := t.step(true)
		if err != nil {
			return err
		}
		if done {
			return t.park()
		}
	}
}

func (t *task) open() error {
	for _, f := range t.starts {
		if err := f(); err != nil {
			return err
		}
	}
	if err := t.restore(); err != nil {
		return err
	}
	for _, p := range t.entries {
		if err := p.open(); err != nil {
			return err
		}
	}
	if t.rt.from == nil {
		return nil
	}
	if err := t.catchUp(); err != nil {
		return err
	}
	for _, f := range t.resumes {
		if err := f(); err != nil {
			return err
		}
	}
	return t.quiet()
}

// step does one piece of work, waiting for it if wait is set. It reports
// whether the task has come to its end.
func (t *task) step(wait bool) (done bool, err error) {
	if t.rt.halt.Load() {
		return true, ErrStopped
	}
	if err := t.serve(); err != nil {
		return false, err
	}
	if t.source != nil {
		return t.source.step(wait)
	}
	if t.ports == 0 { // nobody sends to it
		return true, t.quiet()
	}
	m, from := t.inbox.next(false)
	if from == nil {
		if err := t.quiet(); err != nil {
			return false, err
		}
		if m, from = t.inbox.next(wait); from == nil {
			if !wait {
				return false, nil
			}
			return false, t.sleep()
		}
	}
	t.steps++
	if m.batch != nil {
		err = m.batch.Deliver()
	} else {
		err = t.take(m.ctl, from)
	}
	if err != nil {
		return false, err
	}
	if len(t.tickers) > 0 {
		if err := t.tick(); err != nil {
			return false, err
		}
	}
	return t.ports == 0, nil
}

// take deals with a control that has come by a lane.
func (t *task) take(c Control, from *lane) error {
	if c.Kind != Barrier {
		if err := from.control(c); err != nil || c.Kind != End {
			return err
		}
	}
	id := t.inbox.meet(from, c)
	if id == 0 {
		return nil
	}
	for _, p := range t.entries {
		if p.ended() {
			continue
		}
		if err := p.next(Control{Kind: Barrier, id: id}); err != nil {
			return err
		}
	}
	return t.save(id)
}

// quiet is called when there is nothing to do at once: what waits for a full
// batch is sent on as it is.
func (t *task) quiet() error {
	for _, f := range t.flushers {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// sleep waits for input or the next time that a ticker asked for.
func (t *task) sleep() error {
	at, ok := t.nextDue()
	if !ok {
		return t.waitFor(t.inbox.wake, &t.idle)
	}
	timer := time.NewTimer(at.Sub(t.rt.Now()))
	defer timer.Stop()
	t.idle.begin(t.rt)
	select {
	case <-t.inbox.wake:
		t.idle.end(t.rt)
		return nil
	case <-timer.C:
		t.idle.end(t.rt)
		if err := t.tick(); err != nil {
			return err
		}
		return t.quiet()
	case <-t.rt.Ctx.Done():
		t.idle.end(t.rt)
		return ErrStopped
	}
}

func (t *task) nextDue() (at time.Time, ok bool) {
	for _, w := range t.tickers {
		if a, has := w.Due(); has && (!ok || a.Before(at)) {
			at, ok = a, true
		}
	}
	return at, ok
}

// tick calls the tickers that are due.
func (t *task) tick() error {
	now := t.rt.Now()
	for _, w := range t.tickers {
		if at, ok := w.Due(); ok && !at.After(now) {
			if err := w.Tick(now); err != nil {
				return err
			}
		}
	}
	return nil
}
