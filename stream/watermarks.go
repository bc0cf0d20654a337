package stream

import (
	"errors"
	"time"
)

// watermarks are those of the partitions that an instance of EventTime sees,
// and the one that follows from them. It is compiled once for all types.
type watermarks struct {
	op       *instance
	tell     func(control) error // passes a control on
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
	coder *coder[keptPartition]
}

// partTime is how far one partition has come.
type partTime struct {
	high, watermark Time          // without Punctuated the one is ahead of the other by the disorder
	seen            time.Duration // for how long it had been asked when it last gave something
	clocked         time.Duration // for how much of its silence the watermark has gone on since
	idle, done      bool
}

func newWatermarks(op *instance, c *timeConfig, group *driftGroup, tell func(control) error) *watermarks {
	t := op.place.task
	e := &watermarks{
		op: op, tell: tell, disorder: c.disorder, idle: c.idle, clock: c.clock, ahead: c.ahead, drift: c.drift,
		sent: minTime, heartbeats: !op.node.behind("eventtime"), coder: newCoder[keptPartition](),
	}
	e.parts = make([]partTime, max(1, len(t.parts)))
	for i := range e.parts {
		e.parts[i] = partTime{high: minTime, watermark: minTime}
	}
	op.hold(e, e.coder)
	t.resumes = append(t.resumes, e.advance) // downstream knew the watermark
	t.watchers = append(t.watchers, e)
	if e.idle > 0 || e.clock > 0 {
		t.heeds = true
		t.tickers = append(t.tickers, e)
		if len(t.parts) == 0 {
			e.silence = &silence{task: t}
			t.starts = append(t.starts, e.begin)
		}
	}
	if e.drift > 0 && len(t.parts) > 0 {
		e.group = group
		e.member = group.join(op.place.rt)
		t.gates = append(t.gates, e.gate)
	}
	return e
}

// of returns the partition that a batch is from. Behind an operator that mixes
// partitions there is one.
func (e *watermarks) of(b *header) *partTime {
	if b.times != nil {
		e.heartbeats = false // they speak of the times that the events had
	}
	if b.part == nil && len(e.parts) > 1 {
		e.parts = e.parts[:1]
		e.parts[0].done = false
	}
	if b.part == nil {
		return &e.parts[0]
	}
	part := &e.parts[b.part.local]
	part.done = false
	return part
}

// limit returns the latest time that events may have.
func (e *watermarks) limit() Time {
	if e.ahead < 0 {
		return maxTime
	}
	return clamp(e.op.place.rt.now()).Add(e.ahead)
}

// moved notes that a batch of a partition has been taken in.
func (e *watermarks) moved(part *partTime, of *partition) {
	if of != nil {
		of.front = max(of.front, part.watermark)
	}
	if e.heeds() {
		e.heard(part)
	}
	e.checkAhead(part)
}

// A keptPartition is how far a partition has come, as it is saved.
type keptPartition struct {
	Source    string `binary:"1"`
	Partition string `binary:"2"`
	High      Time   `binary:"3"`
	Watermark Time   `binary:"4"`
	Timed     bool   `binary:"5"` // the events had other times before
}

func (e *watermarks) save(s *saving) (err error) {
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
func (e *watermarks) restore(r *restoring) error {
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

// advance passes the watermark on if it has moved.
func (e *watermarks) advance() error {
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

func (e *watermarks) allDone() bool {
	for i := range e.parts {
		if !e.parts[i].done {
			return false
		}
	}
	return true
}

// control drops the watermarks from upstream: this operator makes its own.
func (e *watermarks) control(c control) error {
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

func (e *watermarks) pass(c control) error {
	if c.kind == ctlWatermark {
		e.op.advance(c.watermark)
	}
	return e.tell(c)
}

// gate reports whether a partition may be read, as far as drift goes.
func (e *watermarks) gate(p *partition) bool {
	if p.local >= len(e.parts) {
		return true
	}
	return e.parts[p.local].watermark <= e.group.low(e.op.place.rt).Add(e.drift-1)
}
