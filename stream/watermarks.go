package stream

import (
	"errors"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// watermarks are those of the partitions that an instance of EventTime sees,
// and the one that follows from them. It is compiled once for all types.
type watermarks struct {
	op       *engine.Instance
	tell     func(engine.Control) error // passes a control on
	disorder time.Duration
	idle     time.Duration
	clock    time.Duration
	ahead    time.Duration
	drift    time.Duration
	member   *engine.DriftMember // nil without a bound on drift

	heartbeats bool            // what the source's readers promise is of these event times
	silence    *engine.Silence // of the shard, where its task has no partitions
	check      time.Time       // when something may have become of the shard
	horizon    engine.Horizon

	parts []partTime // as the task's partitions; one where events no longer tell theirs
	sent  Time
	quiet bool // told downstream that everything is idle
	coder *state.Coder[keptPartition]
}

// partTime is how far one partition has come.
type partTime struct {
	high, watermark Time          // without Punctuated the one is ahead of the other by the disorder
	seen            time.Duration // for how long it had been asked when it last gave something
	clocked         time.Duration // for how much of its silence the watermark has gone on since
	idle, done      bool
}

func newWatermarks(op *engine.Instance, c *timeConfig, group *engine.DriftGroup, tell func(engine.Control) error) *watermarks {
	parts := op.Partitions()
	e := &watermarks{
		op: op, tell: tell, disorder: c.disorder, idle: c.idle, clock: c.clock, ahead: c.ahead, drift: c.drift,
		sent: engine.MinTime, heartbeats: !op.Node.Behind("eventtime"), coder: state.NewCoder[keptPartition](),
	}
	e.parts = make([]partTime, max(1, len(parts)))
	for i := range e.parts {
		e.parts[i] = partTime{high: engine.MinTime, watermark: engine.MinTime}
	}
	op.Hold(e, e.coder)
	op.OnResume(e.advance) // downstream knew the watermark
	op.Watch(e)
	if e.idle > 0 || e.clock > 0 {
		op.HeedSilence()
		op.Wake(e)
		if len(parts) == 0 {
			e.silence = op.Silence()
			op.OnBegin(e.begin)
		}
	}
	if e.drift > 0 && len(parts) > 0 {
		e.member = op.Join(group)
		op.Gate(e.gate)
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
	part := &e.parts[b.part.Local]
	part.done = false
	return part
}

// limit returns the latest time that events may have.
func (e *watermarks) limit() Time {
	if e.ahead < 0 {
		return engine.MaxTime
	}
	return engine.Clamp(e.op.Now()).Add(e.ahead)
}

// moved notes that a batch of a partition has been taken in.
func (e *watermarks) moved(part *partTime, of *engine.Partition) {
	if of != nil {
		of.Front = max(of.Front, part.watermark)
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

func (e *watermarks) Save(s *state.Saving) (err error) {
	for i, p := range e.parts {
		k := keptPartition{High: p.high, Watermark: p.watermark, Timed: !e.heartbeats}
		if i < len(e.op.Partitions()) {
			of := e.op.Partitions()[i]
			k.Source, k.Partition = of.Source, of.Name
		}
		err = errors.Join(err, e.coder.Put(s.Rest(), k))
	}
	return err
}

// Restore gives the partitions of the task their watermarks. Behind an
// exchange there are none: what the instances there had is one stream, which
// is as far as the one that was furthest behind.
func (e *watermarks) Restore(r *state.Restoring) error {
	known := map[[2]string]keptPartition{}
	err := e.coder.EachWhole(r, func(k keptPartition) {
		id := [2]string{k.Source, k.Partition}
		if old, ok := known[id]; !ok || k.Watermark < old.Watermark {
			known[id] = k
		}
	})
	for i := range e.parts {
		var id [2]string
		if i < len(e.op.Partitions()) {
			of := e.op.Partitions()[i]
			id = [2]string{of.Source, of.Name}
			e.parts[i].done = of.Resting
		}
		if k, ok := known[id]; ok {
			e.parts[i].high, e.parts[i].watermark = max(k.High, k.Watermark.Add(e.disorder)), k.Watermark
			e.heartbeats = e.heartbeats && !k.Timed
			if id[1] != "" {
				e.op.Partitions()[i].Front = k.Watermark
			}
		}
	}
	return err
}

// advance passes the watermark on if it has moved.
func (e *watermarks) advance() error {
	low, active := engine.Least(len(e.parts), func(i int) (Time, bool) {
		p := &e.parts[i]
		return p.watermark, !p.idle && !p.done
	})
	if e.member != nil {
		e.member.Set(low)
	}
	switch {
	case !active && !e.allDone():
		if high := e.highest(); e.clock > 0 && high > e.sent {
			e.quiet, e.sent = false, high
			if err := e.pass(engine.Control{Kind: engine.Watermark, Watermark: high}); err != nil {
				return err
			}
		}
		if e.quiet {
			return nil
		}
		e.quiet = true
		return e.pass(engine.Control{Kind: engine.Idle})
	case active && low > e.sent || active && e.quiet:
		e.quiet = false
		e.sent = max(e.sent, low)
		return e.pass(engine.Control{Kind: engine.Watermark, Watermark: e.sent})
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
func (e *watermarks) Control(c engine.Control) error {
	if c.Kind == engine.Watermark && c.Watermark < engine.MaxTime || c.Kind == engine.Idle {
		if c.Kind == engine.Watermark && len(e.op.Partitions()) == 0 {
			e.heartbeat(&e.parts[0], c.Watermark)
			return e.advance()
		}
		return nil
	}
	if c.Kind == engine.End && e.member != nil {
		e.member.Set(engine.MaxTime)
	}
	return e.pass(c)
}

func (e *watermarks) pass(c engine.Control) error {
	if c.Kind == engine.Watermark {
		e.op.Advance(c.Watermark)
	}
	return e.tell(c)
}

// gate reports whether a partition may be read, as far as drift goes.
func (e *watermarks) gate(p *engine.Partition) bool {
	if p.Local >= len(e.parts) {
		return true
	}
	return e.parts[p.Local].watermark <= e.member.Low().Add(e.drift-1)
}
