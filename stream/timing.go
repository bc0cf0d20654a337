package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// A timerQueue is the timers of an operator, whatever the type of their keys.
type timerQueue interface {
	// next returns when the next timer is due, which may have been cancelled.
	next(clock bool) (at Time, ok bool)
	// fire calls the processor for the next timer that is due at a time, if there is one.
	fire(clock bool, due Time) (at Time, ok bool, err error)
}

// A timing has the timers of an operator of the caller's own fire, by the rules of
// Process.
type timing struct {
	op     *engine.Instance
	queue  timerQueue
	failed func() error // why what was put out could not be passed on
	flush  func() error
	born   func(int64) // says when what is put out next began

	watermark Time
	final     bool // the stream has ended
	timed     bool // its events have event times, as far as is known
}

// advance fires what is due at a watermark, and returns how far it may reach.
func (t *timing) advance(wm Time) (Time, error) {
	if wm <= t.watermark {
		return wm, nil
	}
	t.watermark, t.final = wm, wm == engine.MaxTime
	t.timed = t.timed || !t.final
	for {
		due, ok := t.queue.next(false)
		if !ok || due > wm || t.op.Reach(due) < due {
			break
		}
		if err := t.fire(false, due); err != nil {
			return wm, err
		}
	}
	if wm = t.op.Reach(wm); t.op.Halted() {
		return wm, engine.ErrStopped
	}
	t.watermark, t.final = wm, wm == engine.MaxTime
	return wm, nil
}

// fire fires what is due at a time, and what is set for it meanwhile.
func (t *timing) fire(clock bool, due Time) error {
	t.op.Enter()
	for {
		if t.op.Halted() {
			return engine.ErrStopped
		}
		at, ok, err := t.queue.fire(clock, due)
		if !ok {
			return nil
		}
		if failed := t.failed(); failed != nil {
			return failed
		}
		if err != nil {
			return &engine.OperatorError{Operator: t.op.Node.Name, Position: "timer of " + at.String(), Err: err}
		}
	}
}

// Due and Tick fire the timers of processing time.
func (t *timing) Due() (time.Time, bool) {
	at, ok := t.queue.next(true)
	return at.Std(), ok
}

func (t *timing) Tick(now time.Time) error {
	t.born(t.op.Nanos())
	if err := t.fire(true, engine.Clamp(now)); err != nil {
		return err
	}
	return t.flush()
}
