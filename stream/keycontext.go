package stream

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/window"
)

// A KeyContext is what a function of Process, ProcessBoth or ConnectAll may do for the key at hand. It
// must not be used after the function has returned.
type KeyContext[K comparable, S, U any] struct {
	op        *engine.Instance
	out       *Emitter[U]
	sides     sideOutputs
	keys      *keyStates[K, S]
	timers    timers[K] // of event time
	alarms    timers[K] // of processing time
	watermark Time
	final     bool // timers are firing because the stream has ended
	timed     bool // events of the stream have event times, as far as is known
	silent    bool // Process was given no timer function

	hash  uint64
	key   K
	state *keyState[S]
	made  bool     // the state is new
	zero  zeroTest // of S
	at    Time
	seq   uint64
	clock bool
}

// Key returns the key.
func (c *KeyContext[K, S, U]) Key() K { return c.key }

// State returns the state of the key, to read and to change.
func (c *KeyContext[K, S, U]) State() *S { return &c.state.val }

// Clear forgets the state of the key when the function returns, which makes
// it zero for the next event. Timers stay.
func (c *KeyContext[K, S, U]) Clear() { c.state.last = window.MinTime }

// Time returns the time of the event, or what the timer was set for. It is
// the zero time for an event that has no event time.
func (c *KeyContext[K, S, U]) Time() time.Time {
	if c.at == engine.MinTime {
		return time.Time{}
	}
	return c.at.Std()
}

// OnClock reports whether a timer of processing time is firing.
func (c *KeyContext[K, S, U]) OnClock() bool { return c.clock }

// Watermark returns the watermark: the zero time before the first one.
func (c *KeyContext[K, S, U]) Watermark() time.Time {
	if c.watermark == engine.MinTime {
		return time.Time{}
	}
	return c.watermark.Std()
}

// Now returns the run's clock: processing time.
func (c *KeyContext[K, S, U]) Now() time.Time { return c.op.Now() }

// Emit puts out v with the time of the event, or of the timer: without an
// event time where the event has none, or the stream, when a timer of
// processing time fires. An operator with InOrder behind it sees what timers of different keys have emitted
// for one time in an order by their keys, whatever the shards.
func (c *KeyContext[K, S, U]) Emit(v U) { c.out.put(v, c.stamp(), c.seq) }

// EmitTo puts out v to a side output, with the time that Emit gives. It panics, which is a failure of the event, if the operator
// was not given SideOutput(to). It costs a look-up.
func (c *KeyContext[K, S, U]) EmitTo[V any](to *Side[V], v V) {
	e, ok := c.sides.of[to].(*Emitter[V])
	if !ok {
		panic("EmitTo a Side that the operator was not given SideOutput of")
	}
	e.put(v, c.stamp(), c.seq)
}

// stamp is the event time of what is put out.
func (c *KeyContext[K, S, U]) stamp() Time {
	if c.clock && !c.timed {
		return engine.MinTime
	}
	return c.at
}

// inherit and takePlace are those of all Emitters.
func (c *KeyContext[K, S, U]) inherit(born int64) {
	c.out.inherit(born, nil)
	for _, e := range c.sides.emitters {
		e.inherit(born, nil)
	}
}

func (c *KeyContext[K, S, U]) takePlace(place uint64) {
	c.out.takePlace(place)
	for _, e := range c.sides.emitters {
		e.takePlace(place)
	}
}

// flush passes on what the functions have put out.
func (c *KeyContext[K, S, U]) flush() error {
	for _, f := range c.sides.flushers {
		if err := f(); err != nil {
			return err
		}
	}
	return c.out.flush()
}

// SetTimer sets a timer of event time: the timer function is called for this
// key when the watermark reaches at, by ascending at, also when the stream
// ends before. A timer set twice for one time fires once. One that is set by a
// timer which fires because the stream has ended does not fire.
//
// It panics, which is a failure of the event, if Process was given no timer
// function; if at is outside of the years 1678 to 2261, as a field is that was not set; and with
// ErrNoTime where events have no event times: the watermark then never comes.
func (c *KeyContext[K, S, U]) SetTimer(at time.Time) {
	c.mayWait("SetTimer")
	if c.at == engine.MinTime || c.clock && !c.timed {
		panic(fmt.Errorf("SetTimer: %w", ErrNoTime))
	}
	due, ok := window.At(at)
	if !ok {
		panic(fmt.Errorf("SetTimer: %w", &timeError{"time", at}))
	}
	if !c.final {
		c.timers.add(due, c.hash, c.key)
	}
}

// mayWait panics if there is no function for a timer to call.
func (c *KeyContext[K, S, U]) mayWait(method string) {
	if c.silent {
		panic(method + ": Process was given no timer function to call")
	}
}

// CancelTimer takes a timer of this key back.
func (c *KeyContext[K, S, U]) CancelTimer(at time.Time) { c.timers.cancel(engine.Clamp(at), c.key) }

// SetClockTimer sets a timer of processing time: the timer function is called
// for this key when the run's clock has reached at. It does not fire once the
// stream has ended. It panics if Process was given no timer function.
func (c *KeyContext[K, S, U]) SetClockTimer(at time.Time) {
	c.mayWait("SetClockTimer")
	if c.op.Bounded() {
		panic(errClockless)
	}
	c.alarms.add(engine.Clamp(at), c.hash, c.key)
}

// CancelClockTimer takes a timer of processing time of this key back.
func (c *KeyContext[K, S, U]) CancelClockTimer(at time.Time) {
	c.alarms.cancel(engine.Clamp(at), c.key)
}

// enter makes a key the one at hand.
func (c *KeyContext[K, S, U]) enter(hash uint64, k K, at Time, seq uint64) {
	c.hash, c.key, c.at, c.seq = hash, k, at, seq
	c.state, c.made, _ = c.keys.visit(hash, k, max(at, engine.MinTime+1))
}

// enterTimer is enter for a timer, which is no event: it does not prolong the
// life of the key's state. Where there is none, one begins now.
func (c *KeyContext[K, S, U]) enterTimer(hash uint64, k K, at Time) {
	c.hash, c.key, c.at, c.seq = hash, k, at, 0
	now := max(at, engine.MinTime+1)
	if c.clock {
		now = max(c.watermark, engine.MinTime+1)
	}
	s := c.keys.states.Find(hash, k)
	if s == nil || !c.clock && c.keys.ttl > 0 && now >= s.last.Add(c.keys.ttl) {
		s, c.made, _ = c.keys.visit(hash, k, now)
	} else {
		c.made = false
	}
	c.state = s
}

// leave ends the work on a key. Its state is held only if there is something
// in it: one that is zero is what the key would find anyway.
func (c *KeyContext[K, S, U]) leave() {
	switch {
	case c.state.last == engine.MinTime || c.zero.holds(unsafe.Pointer(&c.state.val)):
		c.keys.states.Delete(c.hash, c.key)
	case c.made:
		c.keys.keep(c.hash, c.key, c.state)
	}
}
