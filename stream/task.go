package stream

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/window"
)

const (
	minTime = window.MinTime
	maxTime = window.MaxTime
)

// errStopped ends a task whose run is over for another reason.
var errStopped = errors.New("stream: stopped")

// A task is one instance of a stage: a chain of operators that one goroutine
// drives, from a source or an inbox to the sinks and exchanges at its ends.
type task struct {
	rt    *run
	stage *node // the operator that the stage begins with
	index int

	source sourceLoop // reads a source; nil for a stage fed by others
	inbox  *inbox

	starts   []func() error // in the order of creation, before the first event
	resumes  []func() error // once the state of a checkpoint has been restored
	behind   []*instance    // that begin behind others of their operators
	closes   []func() error // in reverse order, after the last
	flushers []func() error
	tickers  []waker
	watchers []partitionWatcher
	heeds    bool // watchers want to know how long partitions are silent
	gates    []func(*partition) bool
	parts    []*partition
	reads    *partition // the one whose Read is being called; nil if none is
	readAt   time.Time  // since when, by the run's clock, if the task heeds silence
	ports    int        // ports of the inbox that have not ended
	feeds    []*task    // those that send to the inbox
	entries  []*port
	steps    int64 // pieces of work done

	holding   []*instance // those that have state, in the order of creation
	preparing []preparing
	at        *instance     // the operator whose functions are called
	saved     int64         // the checkpoint that the state was saved for last
	roused    chan struct{} // capacity 1: a checkpoint may be wanted of a task that has parked

	// idle and pressed are the time spent waiting for input, or for the last
	// checkpoint, and for space downstream; the rest of the task's life it was
	// busy.
	idle, pressed duration
	began, ended  atomic.Int64 // by run.elapsed; 0 before
}

// A waker acts in processing time.
type waker interface {
	due() (time.Time, bool)
	tick(now time.Time) error
}

// A place is where instances are made: one task of a run.
type place struct {
	rt    *run
	task  *task
	index int // which of count instances of the stage
	count int
}

// An instance is what the runtime keeps for one operator in one task.
type instance struct {
	node  *node
	place *place
	stats *counters
	sides []func(control) error // side outputs, which controls are passed on to as well

	line    *line
	bound   atomic.Int64        // how far it has said it is about to go, see line
	control func(control) error // of an operator with keys, see catchUp
	holders []holder
	begins  Time // the watermark of the checkpoint that the run begins with
	told    bool // the log says that it drops events
	sparing bool // what it drops is not late, and no reason for a warning
}

func (pl *place) instance(n *node) *instance {
	i := &instance{node: n, place: pl, stats: &counters{task: pl.task}, begins: minTime}
	i.bound.Store(int64(minTime))
	i.line = pl.rt.line(n)
	i.line.instances = append(i.line.instances, i)
	i.stats.watermark.Store(int64(minTime))
	pl.rt.addStats(n, i.stats)
	return i
}

// in counts events that have come, and out those that are passed on.
func (i *instance) in(n int) {
	i.enter()
	i.stats.in.Add(int64(n))
	i.checkDropped()
}

func (i *instance) out(n int) { i.stats.out.Add(int64(n)) }

// checkDropped warns once events have been dropped.
func (i *instance) checkDropped() {
	if !i.told && !i.sparing && i.stats.dropped.Load() > 0 {
		i.warnDropped()
	}
}

// enter notes that the operator's functions are about to be called: should one
// of them end the goroutine, this is the operator that the error names. Who goes
// on after operators downstream have been at work enters again.
func (i *instance) enter() { i.place.task.at = i }

// halted reports whether the run has to end at once: it has failed, or
// StopTimeout has passed. No function of the user's may be called any more.
// It costs a load, so loops ask before each call; what was at work then returns
// errStopped, and its state is not saved any more.
func (i *instance) halted() bool { return i.place.rt.halt.Load() }

// advance notes the watermark. It never goes back: after a restart one may
// come that the operator had passed before.
func (i *instance) advance(wm Time) {
	i.enter()
	i.checkDropped()
	if int64(wm) > i.stats.watermark.Load() {
		i.stats.watermark.Store(int64(wm))
	}
}

// start has f called before the first event, in the task's goroutine.
func (i *instance) start(f func() error) {
	t := i.place.task
	t.starts = append(t.starts, func() error {
		if i.halted() {
			return errStopped
		}
		if err := guard0(f); err != nil {
			return i.failure(err)
		}
		return nil
	})
}

// close has f called once the task has ended.
func (i *instance) close(f func() error) {
	t := i.place.task
	t.closes = append(t.closes, func() error {
		if err := guard0(f); err != nil {
			return i.failure(err)
		}
		return nil
	})
}

// failure names the operator in an error, unless an operator is named already.
func (i *instance) failure(err error) error {
	if _, ok := errors.AsType[*OperatorError](err); ok || errors.Is(err, errStopped) {
		return err
	}
	return &OperatorError{Operator: i.node.name, Err: err}
}

func (i *instance) context() *OperatorContext {
	return &OperatorContext{
		Context: i.place.rt.ctx, Name: i.node.name,
		Instance: i.place.index, Count: i.place.count,
		Logger: i.logger(), Now: i.place.rt.now,
	}
}

func (i *instance) logger() *slog.Logger {
	return i.place.rt.logger.With("pipeline", i.place.rt.p.name, "operator", i.node.name)
}

func (i *instance) ctx() context.Context { return i.place.rt.ctx }

// drive runs the task to its end. It reports an error itself: a user's
// function may end the goroutine, so that drive does not return.
func (t *task) drive() {
	t.began.Store(int64(t.rt.elapsed()))
	var err error
	defer func() {
		t.fail(err)
		t.fail(t.close())
		t.ended.Store(int64(t.rt.elapsed()))
	}()
	t.watched(&err, t.live)
}

// fail ends the run if err is the reason for it.
func (t *task) fail(err error) {
	if err != nil && !errors.Is(err, errStopped) {
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
	e := &OperatorError{Operator: t.stage.name, Err: cause}
	if t.at != nil {
		e.Operator = t.at.node.name
	}
	if t.reads != nil {
		e.Position = t.reads.name
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
		return true, errStopped
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
		err = m.batch.deliver()
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
func (t *task) take(c control, from *lane) error {
	if c.kind != ctlBarrier {
		if err := from.control(c); err != nil || c.kind != ctlEnd {
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
		if err := p.next(control{kind: ctlBarrier, id: id}); err != nil {
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
	timer := time.NewTimer(at.Sub(t.rt.now()))
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
	case <-t.rt.ctx.Done():
		t.idle.end(t.rt)
		return errStopped
	}
}

func (t *task) nextDue() (at time.Time, ok bool) {
	for _, w := range t.tickers {
		if a, has := w.due(); has && (!ok || a.Before(at)) {
			at, ok = a, true
		}
	}
	return at, ok
}

// tick calls the tickers that are due.
func (t *task) tick() error {
	now := t.rt.now()
	for _, w := range t.tickers {
		if at, ok := w.due(); ok && !at.After(now) {
			if err := w.tick(now); err != nil {
				return err
			}
		}
	}
	return nil
}
