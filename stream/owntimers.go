package stream

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// Timers are those of an operator of the caller's own with a key. They call the
// processor, which has to be a [TimerProcessor], and are saved and restored with the
// run, with any number of shards. A timer set twice for one key and time fires once.
//
// They are for the goroutine that calls the processor, during such a call.
type Timers[K comparable] struct {
	timing       timing
	event, clock timers[K]
	call         func(Timer[K]) error
	coder        *state.Coder[keptTimer[K]]
}

// A Timer is one that fires.
type Timer[K comparable] struct {
	KeyRef[K]
	At      Time // what it was set for
	OnClock bool // it is one of processing time
}

// A TimerProcessor is a KeyedProcessor or a CoProcessor with Timers. OnTimer is called for
// each timer by the order of their times: one of event time when the watermark has reached it, behind the
// events that came before the watermark and in front of Advance, also when the stream ends before; one of
// processing time when the run's clock has. Of an operator with InOrder, Process is
// handed one event at a time, so that timers fire between the events, each before the
// events of its time.
//
// What OnTimer emits, into side outputs too, it gives the time t.At; or window.MinTime, none, if t is of
// processing time and events have no event times. An operator with InOrder behind it sees what timers of different keys
// have emitted for one time in an order by their keys, whatever the shards. An error or a panic of
// OnTimer stops the run, whatever the operator does with failures: there is no event to
// leave out.
type TimerProcessor[K comparable, Out any] interface {
	OnTimer(t Timer[K], out *Emitter[Out]) error
}

// Timers returns the timers of the processor that is being made. K is the type of the
// input's key. It panics if the input has no key, or one of another type, and once the
// processor has been made.
func (c *OperatorContext) Timers[K comparable]() *Timers[K] {
	h := c.held
	h.keyed("Timers", reflect.TypeFor[K]())
	h.take("Timers", timersName)
	t := &Timers[K]{event: newTimers[K](), clock: newTimers[K]()}
	t.timing = timing{op: h.op, queue: (*firingTimers[K])(t), watermark: engine.MinTime}
	h.timing, h.fires = &t.timing, &t.call
	if h.op.Checkpointed() {
		t.coder = state.NewCoder[keptTimer[K]]()
		h.hold(state.HeadOf(timersName, state.KindTimers, reflect.TypeFor[K](), nil), (*firingTimers[K])(t), t.coder)
	}
	return t
}

// timersName is the part of the state that timers are.
const timersName = "timers"

// Set sets a timer of event time for a key. One that is set for a time that the
// watermark has passed fires with the next watermark. One that is set when the stream has ended, by a
// timer that fires then, does not fire.
//
// It panics with ErrNoTime for the key of an event that has no event time, and for any
// other one while the stream has none: the watermark would never come.
func (t *Timers[K]) Set(k KeyRef[K], at Time) {
	if k.from == fromEvent && k.at == engine.MinTime || (k.from == fromClock || k.from == fromState) && !t.timing.timed {
		panic(fmt.Errorf("Timers.Set: %w", ErrNoTime))
	}
	if !t.timing.final {
		t.event.add(at, k.hash, k.key)
	}
}

// Cancel takes a timer of a key back, if there is one for the time.
func (t *Timers[K]) Cancel(k KeyRef[K], at Time) { t.event.cancel(at, k.key) }

// SetClock sets a timer of processing time for a key. It fires when the run's clock has
// reached at, and not at all once the stream has ended.
func (t *Timers[K]) SetClock(k KeyRef[K], at time.Time) {
	if t.timing.op.Bounded() {
		panic(errClockless)
	}
	t.clock.add(engine.Clamp(at), k.hash, k.key)
}

// errClockless is what a timer of processing time comes to in a batch, which may have ended before, and may be run again.
var errClockless = errors.New("a timer of processing time: in a batch nothing is done by the clock")

// CancelClock takes a timer of processing time of a key back, if there is one for the
// time.
func (t *Timers[K]) CancelClock(k KeyRef[K], at time.Time) { t.clock.cancel(engine.Clamp(at), k.key) }

// firingTimers are Timers as the queue that fires, and as a holder.
type firingTimers[K comparable] Timers[K]

func (t *firingTimers[K]) of(clock bool) *timers[K] {
	if clock {
		return &t.clock
	}
	return &t.event
}

func (t *firingTimers[K]) next(clock bool) (Time, bool) { return t.of(clock).next() }

func (t *firingTimers[K]) fire(clock bool, due Time) (at Time, ok bool, err error) {
	ref, at, ok := t.of(clock).pop(due)
	if !ok {
		return 0, false, nil
	}
	defer engine.Rescue(&err)
	x := Timer[K]{KeyRef[K]{key: ref.key, hash: ref.hash, at: at, from: fromTimer}, at, clock}
	if clock {
		x.from = fromClock
	}
	return at, true, t.call(x)
}

func (t *firingTimers[K]) Save(s *state.Saving) error {
	saveTimers(s, t.coder, &t.event, &t.clock)
	return nil
}

func (t *firingTimers[K]) Restore(r *state.Restoring) error {
	t.timing.watermark, t.timing.timed = r.Watermark, timedSoFar(r.Watermark)
	return restoreTimers(r, t.coder, &t.event, &t.clock)
}

// takePlace has all that the operator emits be in a place, its side outputs' too.
func (h *holdings) takePlace(out inheritor, place uint64) {
	out.takePlace(place)
	for _, e := range h.sides {
		e.takePlace(place)
	}
}

// bindTimers has the timers that c was asked for call the processor.
func bindTimers[K comparable, U any](h *holdings, p any, out *Emitter[U]) error {
	call, ok := h.fires.(*func(Timer[K]) error)
	if !ok {
		return nil
	}
	to, ok := p.(TimerProcessor[K, U])
	if !ok {
		return fmt.Errorf("it asked for Timers, and %T has no method OnTimer(%v, %v) error for them to call", p, reflect.TypeFor[Timer[K]](), reflect.TypeFor[*Emitter[U]]())
	}
	*call = func(t Timer[K]) error {
		h.takePlace(out, paneSeq(t.hash))
		defer h.takePlace(out, 0)
		return to.OnTimer(t, out)
	}
	return nil
}
