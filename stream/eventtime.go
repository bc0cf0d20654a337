package stream

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/freshet-go/freshet/window"
)

// A TimeOption says how EventTime derives watermarks.
type TimeOption func(*timeConfig)

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
// is 0.
func Disorder(d time.Duration) TimeOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: Disorder(%v): negative", d))
	}
	return func(c *timeConfig) { c.disorder = d }
}

// Punctuated takes the watermark from the events: where watermark returns ok,
// it promises that no event before the time returned follows in the same
// partition. It replaces Disorder. T is the type of the stream's values.
func Punctuated[T any](watermark func(T) (at time.Time, ok bool)) TimeOption {
	if watermark == nil {
		panic("stream: Punctuated: the function watermark is nil")
	}
	return func(c *timeConfig) { c.punctual = watermark }
}

// Idle says that a partition that gives nothing for d is not waited for: the
// watermark is that of the others until it gives something again, and what it
// gives then may be late. What counts is the time, by the run's clock, for which
// Read of the partition has waited in vain: a partition is not idle because the
// stage is slow, is held up downstream, or reads others first. The default is
// to wait. It panics if d is not positive.
//
// Behind an exchange it is the time for which the shard has waited without an
// event, and all stages before it have waited as well.
func Idle(d time.Duration) TimeOption {
	if d <= 0 {
		panic(fmt.Sprintf("stream: Idle(%v): not positive", d))
	}
	return func(c *timeConfig) { c.idle = d }
}

// AdvanceWhenQuiet has the watermark of a partition that gives nothing go on
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
	return func(c *timeConfig) { c.clock = d }
}

// MaxAhead makes a failure of an event whose time is more than d ahead of the
// run's clock, or with Punctuated tells a watermark that is; see SkipFailures
// and Divert, and TimeOperator for where they go. One such event would make
// all that follow it in the partition late. It is for event times of now. The
// default is no bound; a watermark that is a day or more ahead of the clock is
// logged, once. It panics if d is negative.
func MaxAhead(d time.Duration) TimeOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: MaxAhead(%v): negative", d))
	}
	return func(c *timeConfig) { c.ahead = d }
}

// MaxDrift bounds how far the watermark of one partition may run ahead of
// that of the slowest: a partition further ahead is not read until the others
// have come up. It bounds the state that windows and joins hold. It reaches
// back to the source only where nothing but operators without an exchange lie
// between. The default is no bound; within a shard, the partition that is
// furthest behind is read first in any case.
func MaxDrift(d time.Duration) TimeOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: MaxDrift(%v): negative", d))
	}
	return func(c *timeConfig) { c.drift = d + 1 }
}

// TimeOperator sets options that every operator has, such as Name.
func TimeOperator(opts ...Option) TimeOption {
	return func(c *timeConfig) { c.opts = append(c.opts, opts...) }
}

// EventTime gives each event the time that at returns, and derives watermarks
// for each partition of the source; the stream's is the lowest. An event that
// is behind its partition's watermark is late: it is passed on, and windows
// and joins decide what becomes of it. Whether it is late depends on its
// partition alone, not on how fast others are read.
//
// Where partitions have been mixed already, by a keyed operator say, each shard
// counts as one partition. One that is given no events holds the watermark
// back; see Idle. So EventTime belongs next to the source.
//
// Where the source's events have no times of their own, a watermark that its
// readers promise is a heartbeat: it is the partition's, if it is higher. Other
// watermarks from upstream are dropped, as they speak of other times.
//
// A time outside the years 1678 to 2261 is a failure of the event.
func (s Stream[T]) EventTime[_ lazily](at func(T) time.Time, opts ...TimeOption) Stream[T] {
	started(s.out != nil, "EventTime", "Stream")
	given("EventTime", "the function at", at)
	c := timeConfig{ahead: -1}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("stream: EventTime: option %d of %d is nil", i+1, len(opts)))
		}
		o(&c)
	}
	punctual, ok := c.punctual.(func(T) (time.Time, bool))
	if c.punctual != nil && !ok {
		panic(fmt.Sprintf("stream: EventTime of %T cannot use the watermarks of a %T", *new(T), c.punctual))
	}
	detail := "disorder " + c.disorder.String()
	if punctual != nil {
		detail = "punctuated"
	}
	group := &driftGroup{}
	return attachDetail(s, "eventtime", detail, c.opts, func(op *instance, out receiver[T]) receiver[T] {
		e := &eventTimer[T]{
			guard: newGuard[T](op), at: at, next: out, punctual: punctual,
			disorder: c.disorder, idle: c.idle, clock: c.clock, ahead: c.ahead, drift: c.drift, sent: minTime,
			heartbeats: !op.node.behind("eventtime"),
		}
		e.parts = make([]partTime, max(1, len(op.place.task.parts)))
		for i := range e.parts {
			e.parts[i] = partTime{high: minTime, watermark: minTime}
		}
		e.coder = newCoder[keptPartition]()
		op.hold(e, e.coder)
		op.place.task.resumes = append(op.place.task.resumes, e.advance) // downstream knew the watermark
		op.place.task.watchers = append(op.place.task.watchers, e)
		if e.idle > 0 || e.clock > 0 {
			op.place.task.heeds = true
			op.place.task.tickers = append(op.place.task.tickers, e)
			if len(op.place.task.parts) == 0 {
				e.silence = &silence{task: op.place.task}
				op.place.task.starts = append(op.place.task.starts, e.begin)
			}
		}
		if e.drift > 0 && len(op.place.task.parts) > 0 {
			e.group = group
			e.member = group.join(op.place.rt)
			op.place.task.gates = append(op.place.task.gates, e.gate)
		}
		return e
	})
}

type eventTimer[T any] struct {
	guard[T]
	at       func(T) time.Time
	punctual func(T) (time.Time, bool)
	next     receiver[T]
	disorder time.Duration
	idle     time.Duration
	clock    time.Duration
	ahead    time.Duration
	drift    time.Duration
	group    *driftGroup
	member   int

	heartbeats bool      // what the source's readers promise is of these event times
	silence    *silence  // of the shard, where its task has no partitions
	check      time.Time // when something may have become of the shard
	horizon    horizon

	parts []partTime // as the task's partitions; one where events no longer tell theirs
	sent  Time
	quiet bool // told downstream that everything is idle
	times []Time
	late  []lateMark
	rows  []int32
	out   Batch[T]
	coder *coder[keptPartition]
}

// A keptPartition is how far a partition has come, as it is saved.
type keptPartition struct {
	Source    string `binary:"1"`
	Partition string `binary:"2"`
	High      Time   `binary:"3"`
	Watermark Time   `binary:"4"`
	Timed     bool   `binary:"5"` // the events had other times before
}

func (e *eventTimer[T]) save(s *saving) (err error) {
	for i, p := range e.parts {
		k := keptPartition{High: p.high, Watermark: p.watermark, Timed: !e.heartbeats}
		if i < len(e.op.place.task.parts) {
			of := e.op.place.task.parts[i]
			k.Source, k.Partition = of.source, of.name
		}
		err = errors.Join(err, e.coder.put(s.rest(), k))
	}
	return err
}

// restore gives the partitions of the task their watermarks. Behind an
// exchange there are none: what the instances there had is one stream, which
// is as far as the one that was furthest behind.
func (e *eventTimer[T]) restore(r *restoring) error {
	known := map[[2]string]keptPartition{}
	err := e.coder.eachWhole(r, func(k keptPartition) {
		id := [2]string{k.Source, k.Partition}
		if old, ok := known[id]; !ok || k.Watermark < old.Watermark {
			known[id] = k
		}
	})
	for i := range e.parts {
		var id [2]string
		if i < len(e.op.place.task.parts) {
			of := e.op.place.task.parts[i]
			id = [2]string{of.source, of.name}
			e.parts[i].done = of.resting
		}
		if k, ok := known[id]; ok {
			e.parts[i].high, e.parts[i].watermark = max(k.High, k.Watermark.Add(e.disorder)), k.Watermark
			e.heartbeats = e.heartbeats && !k.Timed
			if id[1] != "" {
				e.op.place.task.parts[i].front = k.Watermark
			}
		}
	}
	return err
}

// partTime is how far one partition has come.
type partTime struct {
	high, watermark Time          // without Punctuated the one is ahead of the other by the disorder
	seen            time.Duration // for how long it had been asked when it last gave something
	clocked         time.Duration // for how much of its silence the watermark has gone on since
	idle, done      bool
}

var errTime = errors.New("event time is outside the years 1678 to 2261")

func (e *eventTimer[T]) push(b *Batch[T]) error {
	n := b.Len()
	e.op.in(n)
	if b.part == nil && len(e.parts) > 1 { // behind an operator that mixes partitions
		e.parts = e.parts[:1]
		e.parts[0].done = false
	}
	if b.times != nil {
		e.heartbeats = false // they speak of the times that the events had
	}
	limit := maxTime
	if e.ahead >= 0 {
		limit = clamp(e.op.place.rt.now()).Add(e.ahead)
	}
	part := &e.parts[0]
	if b.part != nil {
		part = &e.parts[b.part.local]
		part.done = false
	}
	e.times = sized(e.times, len(b.values))
	e.out = *b
	e.out.first, e.out.last, e.out.bounded = maxTime, minTime, false
	e.late = e.late[:0]
	failed := 0
	for k := 0; k < n; k++ {
		var cause error
		if k, cause = e.span(b, part, k, limit); cause == nil {
			break
		}
		if failed == 0 {
			e.rows = e.rows[:0]
			for i := range n {
				e.rows = append(e.rows, int32(b.at(i)))
			}
		}
		failed++
		e.rows[k] = -1
		if err := e.failed(b, b.at(k), cause); err != nil {
			return err
		}
	}
	e.out.times, e.out.late = e.times, e.late
	if failed > 0 {
		if err := e.settle(); err != nil {
			return err
		}
		e.out.rows, e.out.narrow = dropped(e.rows), true
	}
	if b.part != nil {
		b.part.front = max(b.part.front, part.watermark)
	}
	if e.heeds() {
		e.heard(part)
	}
	e.checkAhead(part)
	if e.out.Len() > 0 {
		e.op.out(e.out.Len())
		if err := e.next.push(&e.out); err != nil {
			return err
		}
	}
	return e.advance()
}

// span takes the times from the k-th event on.
func (e *eventTimer[T]) span(b *Batch[T], part *partTime, from int, limit Time) (k int, cause error) {
	defer rescue(&cause)
	timeOf, times, values, rows, halt := e.at, e.times, b.values, b.selected(), e.op.place.rt.halt
	high, watermark := part.high, part.watermark
	bar := min(high, limit) // events up to here are neither ahead of the others nor of the clock
	first, last := e.out.first, e.out.last
	n := b.Len()
	for i := from; i < n; i++ {
		k = i
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		if halt.Load() {
			return i, errStopped
		}
		at, ok := window.At(timeOf(values[row]))
		if !ok {
			return i, errTime
		}
		times[row] = at
		first, last = min(first, at), max(last, at)
		if at < watermark {
			e.late = append(e.late, lateMark{int32(row), watermark})
		}
		if e.punctual != nil {
			if at > limit {
				return i, e.tooFar("event time", at)
			}
			if wm, ok := e.punctual(values[row]); ok {
				if w, ok := window.At(wm); ok && w > watermark {
					if w > limit {
						return i, e.tooFar("watermark", w)
					}
					watermark, part.watermark = w, w
				}
			}
		} else if at > bar {
			if at > limit {
				return i, e.tooFar("event time", at)
			}
			if at > high {
				high, watermark = at, at.Add(-e.disorder)
				part.high, part.watermark = high, watermark
				bar = min(high, limit)
			}
		}
	}
	e.out.first, e.out.last, e.out.bounded = first, last, from == 0
	return n, nil
}

// advance passes the watermark on if it has moved.
func (e *eventTimer[T]) advance() error {
	low, active := maxTime, false
	for i := range e.parts {
		if p := &e.parts[i]; !p.idle && !p.done {
			low, active = min(low, p.watermark), true
		}
	}
	if e.group != nil {
		e.group.set(e.op.place.rt, e.member, low)
	}
	switch {
	case !active && !e.allDone():
		if high := e.highest(); e.clock > 0 && high > e.sent {
			e.quiet, e.sent = false, high
			if err := e.pass(control{kind: ctlWatermark, watermark: high}); err != nil {
				return err
			}
		}
		if e.quiet {
			return nil
		}
		e.quiet = true
		return e.pass(control{kind: ctlIdle})
	case active && low > e.sent || active && e.quiet:
		e.quiet = false
		e.sent = max(e.sent, low)
		return e.pass(control{kind: ctlWatermark, watermark: e.sent})
	}
	return nil
}

func (e *eventTimer[T]) allDone() bool {
	for i := range e.parts {
		if !e.parts[i].done {
			return false
		}
	}
	return true
}

// control drops the watermarks from upstream: this operator makes its own.
func (e *eventTimer[T]) control(c control) error {
	if c.kind == ctlWatermark && c.watermark < maxTime || c.kind == ctlIdle {
		if c.kind == ctlWatermark && len(e.op.place.task.parts) == 0 {
			e.heartbeat(&e.parts[0], c.watermark)
			return e.advance()
		}
		return nil
	}
	if c.kind == ctlEnd && e.group != nil {
		e.group.set(e.op.place.rt, e.member, maxTime)
	}
	return e.pass(c)
}

func (e *eventTimer[T]) pass(c control) error {
	if c.kind == ctlWatermark {
		e.op.advance(c.watermark)
	}
	if err := e.guard.control(c); err != nil {
		return err
	}
	return e.next.control(c)
}

// gate reports whether a partition may be read, as far as drift goes.
func (e *eventTimer[T]) gate(p *partition) bool {
	if p.local >= len(e.parts) {
		return true
	}
	return e.parts[p.local].watermark <= e.group.low(e.op.place.rt).Add(e.drift-1)
}

// A driftGroup knows how far the instances of one EventTime have come.
type driftGroup struct {
	mu   sync.Mutex
	run  *run
	lows []Time
}

func (g *driftGroup) join(r *run) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.run != r {
		g.run, g.lows = r, nil
	}
	g.lows = append(g.lows, minTime)
	return len(g.lows) - 1
}

func (g *driftGroup) set(r *run, member int, low Time) {
	g.mu.Lock()
	moved := low > g.lows[member]
	g.lows[member] = low
	g.mu.Unlock()
	if moved {
		r.moveDrift()
	}
}

func (g *driftGroup) low(*run) Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	low := maxTime
	for _, l := range g.lows {
		low = min(low, l)
	}
	return low
}
