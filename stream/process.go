package stream

import (
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// Process calls event for each event, with the state of its key: a struct of
// the caller's, zero at first, which nothing else touches. Through the context
// it emits, and sets timers, on which timer is called; timer may be nil if
// none are set. An error or a panic of event is a failure of that event; one
// of timer stops the run.
//
// Events come in order of arrival, and a timer when the watermark has reached
// it, which may be after later events. With InOrder both come in the order of
// their times, a timer before the events of its time, so that what Process
// gives does not depend on how events arrive. State is held while it is not
// zero, and until it is cleared; see TimeToLive: a timer does not prolong it,
// and one of event time that is set for after its end finds none. What event
// did to the state, put out or set before it failed stays.
func (k Keyed[K, T]) Process[S, U any](
	event func(c *KeyContext[K, S, U], v T) error,
	timer func(c *KeyContext[K, S, U]) error,
	opts ...Option,
) Stream[U] {
	started(k.out != nil, "Process", "Keyed")
	given("Process", "the function event", event)
	zero := zeroTestOf(reflect.TypeFor[S]())
	out := attachKeyed(k, "process", "", opts, bindOwn[T], func(op *engine.Instance, out receiver[U]) keyedReceiver[K, T] {
		return newProcessing(op, newGuard[T](op), event, timer, zero, out)
	})
	viewOf[K, S](out.out.node)
	if timer != nil {
		out.out.node.Depends(engine.SettingTimers, "called")
	}
	return out
}

// newProcessing makes an instance. Its holders are the states, then the timers.
func newProcessing[K comparable, S, T, U any](op *engine.Instance, g guard[T], event func(*KeyContext[K, S, U], T) error,
	timer func(*KeyContext[K, S, U]) error, zero zeroTest, out receiver[U],
) *processing[K, S, T, U] {
	p := &processing[K, S, T, U]{guard: g, event: event, timer: timer, ctx: &KeyContext[K, S, U]{out: newEmitter(op, out)}, ordered: configOf(op.Node).ordered}
	p.keys.ttl = configOf(op.Node).ttl
	c := p.ctx
	c.op, c.keys, c.watermark, c.silent = op, &p.keys, engine.MinTime, timer == nil
	c.zero, c.sides = zero, openSides(op)
	c.timers, c.alarms = newTimers[K](), newTimers[K]()
	op.Wake(p)
	p.coder = state.NewCoder[keptTimer[K]]()
	op.Hold(&p.keys, p.keys.makeCoder())
	viewOf[K, S](op.Node).show(op, &p.keys, asHeld[S])
	op.Hold(p, p.coder)
	return p
}

type processing[K comparable, S, T, U any] struct {
	guard[T]
	event func(*KeyContext[K, S, U], T) error
	timer func(*KeyContext[K, S, U]) error
	keys  keyStates[K, S]
	ctx   *KeyContext[K, S, U]

	ordered bool    // events come in order, and timers between them
	between between // and this; nil if there is nothing

	coder *state.Coder[keptTimer[K]]
}

// Save saves the timers; the states are a holder of their own.
func (p *processing[K, S, T, U]) Save(s *state.Saving) error {
	saveTimers(s, p.coder, &p.ctx.timers, &p.ctx.alarms)
	return nil
}

func (p *processing[K, S, T, U]) Restore(r *state.Restoring) error {
	p.ctx.watermark, p.ctx.timed = r.Watermark, timedSoFar(r.Watermark)
	return restoreTimers(r, p.coder, &p.ctx.timers, &p.ctx.alarms)
}

func (p *processing[K, S, T, U]) pushKeyed(b *KeyedBatch[K, T]) error {
	n := b.Len()
	p.op.In(n)
	p.ctx.inherit(b.head.born)
	p.ctx.clock = false
	p.ctx.timed = p.ctx.timed || b.head.times != nil
	// An event that was late where it was read comes at once, before others of
	// its time: it is no reason to fire timers, which are due by the watermark.
	ordered := p.ordered && len(b.head.late) == 0
	for k := 0; k < n; {
		if ordered {
			if err := p.upTo(b.Time(b.head.at(k))); err != nil {
				return err
			}
		}
		var cause error
		if k, cause = p.span(b, k, ordered); cause != nil {
			if cause != engine.ErrStopped { // in front of an event, of which there may not have been one
				p.ctx.leave()
			}
			if err := p.failed(&b.Batch, b.head.at(k), cause); err != nil {
				return err
			}
			k++
		}
	}
	return p.done()
}

// span calls the function for events from the given one on, up to one that
// fails or that timers come before.
func (p *processing[K, S, T, U]) span[_ lazily](b *KeyedBatch[K, T], from int, ordered bool) (at int, cause error) {
	defer engine.Rescue(&cause)
	c := p.ctx
	for k, n := from, b.Len(); k < n; k++ {
		at = k
		if p.op.Halted() {
			return k, engine.ErrStopped
		}
		row := b.head.at(k)
		if ordered && k > from {
			if next, ok := c.timers.next(); ok && next <= b.Time(row) {
				return k, nil
			}
			if p.between != nil && p.due(b.Time(row)) {
				return k, nil
			}
		}
		c.enter(b.hashes[row], b.keys[row], b.Time(row), b.head.seqOf(row))
		if err := p.event(c, b.values[row]); err != nil {
			return k, err
		}
		c.leave()
	}
	return b.Len(), nil
}

func (p *processing[K, S, T, U]) done[_ lazily]() error {
	p.op.Holds(p.keys.states.Len())
	if err := p.settle(); err != nil {
		return err
	}
	return p.ctx.flush()
}

func (p *processing[K, S, T, U]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark && c.Watermark > p.ctx.watermark {
		p.ctx.inherit(c.Born)
		if err := p.advance(c.Watermark); err != nil {
			return err
		}
		c.Watermark = p.ctx.watermark
		if err := p.done(); err != nil {
			return err
		}
	}
	return p.op.Pass(c, p.ctx.out.out)
}

// advance fires timers up to a watermark, or as far as it may reach.
func (p *processing[K, S, T, U]) advance[_ lazily](wm Time) error {
	p.op.Enter()
	p.ctx.watermark = wm
	p.ctx.final = wm == engine.MaxTime
	p.ctx.timed = p.ctx.timed || !p.ctx.final
	p.ctx.clock = false
	for {
		due, ok := p.ctx.timers.next()
		if p.between != nil {
			if at, some := p.between.next(); some && at < wm && (!ok || at < due) {
				if passed := at + 1; p.op.Reach(passed) < passed {
					break
				}
				if err := p.between.do(); err != nil {
					return err
				}
				continue
			}
		}
		if !ok || due > wm || p.op.Reach(due) < due {
			break
		}
		if err := p.fire(&p.ctx.timers, due); err != nil {
			return err
		}
	}
	if wm = p.op.Reach(wm); p.op.Halted() {
		return engine.ErrStopped
	}
	p.ctx.watermark, p.ctx.final = wm, wm == engine.MaxTime
	p.op.Advance(wm)
	p.keys.expire(wm)
	if p.between != nil {
		p.between.passed()
	}
	return nil
}

// due reports whether something comes between events in front of one at a time.
func (p *processing[K, S, T, U]) due[_ lazily](t Time) bool {
	at, some := p.between.next()
	return some && at <= t
}

// upTo does what comes in front of an event at a time.
func (p *processing[K, S, T, U]) upTo[_ lazily](t Time) error {
	for p.between != nil && p.due(t) {
		at, _ := p.between.next()
		if err := p.fire(&p.ctx.timers, at); err != nil {
			return err
		}
		if err := p.between.do(); err != nil {
			return err
		}
	}
	return p.fire(&p.ctx.timers, t)
}

// fire calls the timer function for the timers due at a time, and for those
// that it sets meanwhile.
func (p *processing[K, S, T, U]) fire(t *timers[K], due Time) error {
	for {
		ref, at, ok := t.pop(due)
		if !ok {
			return nil
		}
		if p.op.Halted() {
			return engine.ErrStopped
		}
		if err := p.call(ref, at); err != nil {
			return err
		}
	}
}

func (p *processing[K, S, T, U]) call[_ lazily](ref hashedKey[K], at Time) error {
	err := func() (err error) {
		defer engine.Rescue(&err)
		if p.timer == nil {
			return nil // of a checkpoint of a pipeline that had a timer function
		}
		p.ctx.enterTimer(ref.hash, ref.key, at)
		p.ctx.takePlace(paneSeq(ref.hash))
		defer p.ctx.takePlace(0)
		if err := p.timer(p.ctx); err != nil {
			return err
		}
		p.ctx.leave()
		return nil
	}()
	if err != nil {
		return &engine.OperatorError{Operator: p.op.Node.Name, Position: "timer of " + at.String(), Err: err}
	}
	return nil
}

// Due and Tick fire the timers of processing time.
func (p *processing[K, S, T, U]) Due() (time.Time, bool) { return p.ctx.alarms.due() }

func (p *processing[K, S, T, U]) Tick(now time.Time) error {
	p.ctx.clock = true
	p.ctx.inherit(p.op.Nanos())
	p.op.Enter()
	if err := p.fire(&p.ctx.alarms, engine.Clamp(now)); err != nil {
		return err
	}
	return p.done()
}
