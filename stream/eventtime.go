package stream

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// A TimeOption says how EventTime derives watermarks. An Option is one too.
type TimeOption interface{ setTime(*timeConfig) }

// A timeOption is the TimeOption that calls it.
type timeOption func(*timeConfig)

func (o timeOption) setTime(c *timeConfig) { o(c) }

type timeConfig struct {
	disorder time.Duration
	punctual any // func(T) (time.Time, bool)
	idle     time.Duration
	clock    time.Duration // see AdvanceWhenQuiet; 0 for never
	ahead    time.Duration // see MaxAhead; negative for no bound
	drift    time.Duration
	opts     []Option
}

// Disorder says that within a partition an event may be earlier by up to d
// than one before it. The watermark stays that far behind the latest event;
// an event that is behind the watermark all the same is late. The default
// is 0. It panics if d is negative.
func Disorder(d time.Duration) TimeOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: Disorder(%v): negative", d))
	}
	return timeOption(func(c *timeConfig) {
		c.disorder = d
		gives(&c.opts, optDisorder)
	})
}

// Punctuated takes the watermark from the events: where watermark returns ok,
// it promises that no event before the time returned follows in the same
// partition. A time outside of the years 1678 to 2261, as that of a field that is not set, is a failure
// of the event. It stands in the place of Disorder. T is the type of the stream's values.
func Punctuated[T any](watermark func(T) (at time.Time, ok bool)) TimeOption {
	if watermark == nil {
		panic("stream: Punctuated: the function watermark is nil")
	}
	return timeOption(func(c *timeConfig) { c.punctual = watermark })
}

// Idle says that a partition that gives nothing for d is not waited for: the
// watermark is that of the others until it gives something again, and what it
// gives then may be late. What counts is the time, by the run's clock, for which
// Read of the partition has waited in vain: a partition is not idle because the
// stage is slow, is held up downstream, or reads others first. Behind a Merge and a Rebalance
// it is the waiting of the reader alone, also where what it gives is filtered out on the way. Events that fail in EventTime, as MaxAhead has
// them, count as nothing. The default is to wait. It panics if d is not positive.
//
// Once all partitions are idle or have ended, the watermark is that of the one which had come furthest, whichever
// fell silent first. What others then give behind it may be late.
// It is so without Idle at the end, too: once all have ended, it is that of the one which had come furthest, and then
// the end of time, which closes all that is open.
//
// Behind a Merge or Union, partitions are in other tasks, which tell how long they have waited an eighth of d at a time: where
// something is taken out in front of EventTime, a partition may be idle by so much later, or when the next Read of it returns.
// Behind an exchange otherwise it is the time for which the shard has waited without an
// event, and all stages before it have waited as well.
//
// From takes it, too, for a source whose readers promise watermarks themselves. Where they promise none it does nothing, and the log says so.
func Idle(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("stream: Idle(%v): not positive", d))
	}
	return idling(d)
}

// idling is the Option that Idle returns.
type idling time.Duration

func (d idling) setTime(c *timeConfig)     { c.idle = time.Duration(d) }
func (d idling) setEnrich(c *enrichConfig) { c.opts = append(c.opts, d) }

func (d idling) setOperator(c *config) {
	c.idle = time.Duration(d)
	c.given |= optIdle
}

// AdvanceWhenQuiet makes the watermark of a partition that gives nothing go on
// with the run's clock: once Read has waited in vain for d, as Idle measures
// it, the watermark advances as the clock does, and so stays d behind where
// it would be if time had passed in the events as it has on the clock. So the
// last window of a source that falls silent closes, d later than with events.
// Events that come afterwards and are behind the watermark are late, as
// always. A partition that has never given anything has no watermark that
// could go on. After a restart silence counts from the beginning of the run.
// The default is that only events, and heartbeats of the source, advance the
// watermark.
//
// Each partition's watermark goes on by itself, and the stream's is the lowest.
// With Idle as well, a partition that is idle is left out while others are not;
// when all are idle none is waited for, and the stream's is the highest.
//
// It panics if d is not positive.
func AdvanceWhenQuiet(d time.Duration) TimeOption {
	if d <= 0 {
		panic(fmt.Sprintf("stream: AdvanceWhenQuiet(%v): not positive", d))
	}
	return timeOption(func(c *timeConfig) { c.clock = d })
}

// MaxAhead makes a failure of an event whose time is more than d ahead of the
// run's clock, or with Punctuated tells a watermark that is; see SkipFailures
// and Divert. One such event would make
// all that follow it in the partition late. It is for event times of now. The
// default is no bound; a watermark that is a day or more ahead of the clock is
// logged, once. It panics if d is negative.
func MaxAhead(d time.Duration) TimeOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: MaxAhead(%v): negative", d))
	}
	return timeOption(func(c *timeConfig) { c.ahead = d })
}

// MaxDrift bounds how far the watermark of one partition may run ahead of
// that of the slowest: a partition further ahead is not read until the others
// have come up. It bounds the state that windows and joins hold. It reaches
// back to the source only where nothing but operators without an exchange lie
// between; elsewhere it does nothing, and the log says so. The default is no bound; within a shard, the partition that is
// furthest behind is read first in any case. It panics if d is negative.
func MaxDrift(d time.Duration) TimeOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: MaxDrift(%v): negative", d))
	}
	return timeOption(func(c *timeConfig) { c.drift = d + 1 })
}

// An Instant is what the function of EventTime returns: a time.Time, or a Time,
// which spares making a time.Time where an event has its time as a number, as in
// window.UnixMilli(e.At). An event whose Time is window.MinTime or MaxTime has a
// time that cannot be held.
type Instant interface{ time.Time | Time }

// EventTime gives each event the time that at returns, and derives watermarks
// for each partition of the source; the stream's is the lowest. An event that
// is behind its partition's watermark is late: it is passed on, and windows
// and joins decide what becomes of it. Whether it is late depends on its
// partition alone, not on how fast others are read.
//
// Behind a Merge or Union the partitions are those of all its sources, also of
// nested ones. They keep apart through operators that make of each event its own
// results, such as Map, FlatMap, Enrich and Rebalance. A source that comes to the Merge by
// an operator with keys or one of the caller's own mixes them, as does a stream of
// failures: each shard then counts as one partition, and what the slower
// sources give may be late. It is so behind operators with keys in any case, and next to one source behind an operator of the caller's own. How much is late then depends on the number of shards; the log says so, once. A shard that is
// given no events holds the watermark back; see Idle. So EventTime belongs next to
// the source.
//
// Where the source's events have no times of their own, a watermark that its
// readers promise is a heartbeat: it is the partition's, if it is higher. Other
// watermarks from upstream are dropped, as they speak of other times.
//
// A time outside the years 1678 to 2261 is a failure of the event.
func (s Stream[T]) EventTime[At Instant](at func(T) At, opts ...TimeOption) Stream[T] {
	started(s.out != nil, "EventTime", "Stream")
	given("EventTime", "the function at", at)
	std, _ := any(at).(func(T) time.Time)
	exact, _ := any(at).(func(T) Time)
	return s.eventTime(std, exact, timesOf(opts))
}

// eventTime is EventTime with one of two functions.
func (s Stream[T]) eventTime[_ lazily](std func(T) time.Time, exact func(T) Time, c timeConfig) Stream[T] {
	punctual, ok := c.punctual.(func(T) (time.Time, bool))
	if c.punctual != nil && !ok {
		panic(fmt.Sprintf("stream: EventTime of %T cannot use the watermarks of a %T", *new(T), c.punctual))
	}
	detail := "disorder " + c.disorder.String()
	if punctual != nil {
		detail = "punctuated"
	}
	group := &engine.DriftGroup{}
	out := attachDetail(s, "eventtime", detail, keepsPartition, c.opts, func(op *engine.Instance, out receiver[T]) receiver[T] {
		e := &eventTimer[T]{guard: newGuard[T](op), std: std, exact: exact, next: out, punctual: punctual}
		e.marks = newWatermarks(op, &c, group, e.pass)
		return e
	})
	c.settle(out.out.node, punctual != nil)
	return out
}

// settle has an operator of these times do what they say of silence, and its plan say what they are.
func (c *timeConfig) settle(n *engine.Node, punctuated bool) {
	if c.idle > 0 || c.clock > 0 {
		n.Heeds = &engine.SilenceOf{Idle: c.idle, Clock: c.clock, Step: clockStep(c.clock)}
	}
	if punctuated {
		refuse(n, optDisorder)
	}
	n.Params = TimeParams{
		Disorder: c.disorder, Punctuated: punctuated,
		Idle: c.idle, AdvanceWhenQuiet: c.clock,
		MaxAhead: max(c.ahead, 0), HasMaxAhead: c.ahead >= 0, MaxDrift: max(c.drift-1, 0), HasMaxDrift: c.drift > 0,
	}
}

func timesOf(opts []TimeOption) timeConfig {
	c := timeConfig{ahead: -1}
	for i, o := range opts {
		if o == nil {
			o = missing(i, len(opts))
		}
		o.setTime(&c)
	}
	return c
}
