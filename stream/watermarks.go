package stream

import (
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
	member   *engine.DriftMember // nil where it does not matter how far other shards are

	heartbeats bool            // what the source's readers promise is of these event times
	silence    *engine.Silence // of the shard, where its task has no partitions
	check      time.Time       // when something may have become of the shard
	horizon    engine.Horizon

	told    bool                      // of partitions that other tasks read
	opened  bool                      // of all that are there from the beginning
	dealt   bool                      // and of whose batches each instance sees some
	shared  bool                      // no instance goes further than all: the next partition may be told to any
	remotes []remote                  // as parts, where told
	at      map[*engine.Partition]int // of parts

	parts   []partTime                          // as the task's partitions; one where there are none, or events do not tell theirs
	mixed   bool                                // they do not
	known   map[[2]string]keptPartition         // that the checkpoint has
	left    map[*engine.Partition]keptPartition // of partitions that have left, until a durable checkpoint has them
	born    int64                               // when the batch was read that is at hand; 0 if none is
	sent    Time
	high    Time // the furthest that a partition has come
	past    Time // the furthest that one had come, of all tasks, in the checkpoint
	lowest  Time // what least has returned
	settled bool // and would return
	quiet   bool // told downstream that everything is idle
	whole   bool // no event follows in any later run
	coder   *state.Coder[keptPartition]
}

// noTimeYet is that of a partition which has given nothing.
var noTimeYet = partTime{high: engine.MinTime, watermark: engine.MinTime}

// partTime is how far one partition has come.
type partTime struct {
	high, watermark Time          // without Punctuated the one is ahead of the other by the disorder
	asked           time.Duration // for how long it had been asked, as was told last, where others read it
	seen            time.Duration // for how long it had been asked when it last gave something, or more
	clocked         time.Duration // for how much of its silence the watermark has gone on since
	idle, done      bool
}

func newWatermarks(op *engine.Instance, c *timeConfig, group *engine.DriftGroup, tell func(engine.Control) error) *watermarks {
	parts := op.Partitions()
	e := &watermarks{
		op: op, tell: tell, disorder: c.disorder, idle: c.idle, clock: c.clock, ahead: c.ahead, drift: c.drift,
		sent: engine.MinTime, high: engine.MinTime, past: engine.MinTime, heartbeats: !op.Node.Behind("eventtime"), coder: state.NewCoder[keptPartition](),
	}
	e.told = op.Tracked()
	e.dealt = op.Dealt()
	e.mixed = !op.Reads() && !e.told
	e.parts = make([]partTime, len(parts))
	if e.told {
		e.at = map[*engine.Partition]int{}
	}
	if e.mixed {
		e.parts = make([]partTime, 1)
		op.WarnMixed()
	}
	for i := range e.parts {
		e.parts[i] = noTimeYet
	}
	op.Hold(e, e.coder)
	op.OnResume(e.advance) // downstream knew the watermark
	op.Watch(e)
	if (e.idle > 0 || e.clock > 0) && !e.told {
		op.HeedSilence()
		op.Wake(e)
		if !op.Reads() {
			e.silence = op.Silence()
			op.OnBegin(e.begin)
		}
	}
	if e.member = op.JoinTold(group, e.advance); e.member != nil {
		e.shared = true
	} else if op.Grows() || e.drift > 0 && len(parts) > 0 {
		e.member = op.Join(group)
	}
	if e.drift > 0 && e.member != nil && !e.told {
		op.Gate(e.gate)
	}
	if e.drift > 0 && (e.told || !op.Reads()) {
		op.WarnDrift()
	}
	return e
}

// of returns the partition that a batch is from. Behind an operator that mixes
// partitions there is one.
func (e *watermarks) of(b *header) *partTime {
	if b.times != nil {
		e.heartbeats = false // they speak of the times that the events had
	}
	if e.told {
		return &e.parts[e.take(b.part)]
	}
	if b.part == nil && !e.mixed {
		e.mixed, e.settled = true, false
		e.op.WarnMixed()
		e.parts = append(e.parts, noTimeYet)[:1]
	}
	if e.mixed {
		e.parts[0].done = false
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

// moved notes that a batch of a partition has been taken in, and whether it gave something: one of which each event has failed says nothing.
func (e *watermarks) moved(part *partTime, of *engine.Partition, gave bool) {
	e.high = max(e.high, part.watermark)
	switch {
	case e.told && of != nil:
		of.Reached(part.watermark)
	case of != nil:
		of.Front = max(of.Front, part.watermark)
	}
	if gave && e.heeds() {
		e.heard(part, of)
	}
	e.checkAhead(part)
}

// PartitionAdded is called when the task has one more partition.
func (e *watermarks) PartitionAdded(of *engine.Partition) {
	if e.mixed {
		return
	}
	e.parts = append(e.parts, noTimeYet)
	e.parts[of.Local].seen = of.Asked // in another task, if it was there
	if of.Resumed {
		e.resume(&e.parts[of.Local], of)
	}
}

// PartitionRemoved is called when it has one less, whose place the last one has now.
// It is in the next checkpoint all the same.
func (e *watermarks) PartitionRemoved(of *engine.Partition) {
	if e.mixed {
		return
	}
	at := of.Local
	e.keepLeft(of, e.parts[at])
	last := len(e.parts) - 1
	e.parts[at], e.parts = e.parts[last], e.parts[:last]
}

// follow is advance behind a batch of a partition whose watermark was before. Where another one is
// the furthest behind, it need not look at all of them.
func (e *watermarks) follow(before Time) error {
	e.settled = e.settled && before > e.lowest
	return e.goOn()
}

// advance passes the watermark on if it has moved.
func (e *watermarks) advance() error {
	e.settled = false
	return e.goOn()
}

func (e *watermarks) goOn() error {
	if e.unheard() {
		return nil
	}
	low, active := e.least()
	reach := e.reach(low, active)
	if e.member != nil {
		e.member.Set(reach)
	}
	if e.op.Grows() || e.shared { // none goes further than all: the next partition may be given to any
		reach = e.member.All()
		low, active = reach.Low, reach.Low < engine.MaxTime
	}
	switch {
	case !active && (!e.allDone() || e.op.Grows() || e.told):
		if high := reach.Silent(); high > e.sent {
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

// least returns the least watermark of partitions that are waited for, and whether there is one.
func (e *watermarks) least() (low Time, active bool) {
	if e.settled {
		return e.lowest, true
	}
	low, active = engine.Least(len(e.parts), func(i int) (Time, bool) {
		p := &e.parts[i]
		return p.watermark, !p.idle && !p.done && !e.forsaken()
	})
	e.lowest, e.settled = low, active && !e.mixed
	return low, active
}

// forsaken reports whether the task has no partition at the moment, where what they give is mixed.
func (e *watermarks) forsaken() bool {
	return e.mixed && len(e.op.Partitions()) == 0 && e.op.Grows()
}

func (e *watermarks) allDone() bool {
	for i := range e.parts {
		if !e.parts[i].done {
			return false
		}
	}
	return true
}

// Control drops the watermarks from upstream, as this operator makes its own. Where events do not tell their partitions, they say at least that time goes on.
func (e *watermarks) Control(c engine.Control) error {
	switch c.Kind {
	case engine.Told:
		if err := e.hear(c.News); err != nil {
			return err
		}
	case engine.AllTold:
		e.opened = true
		if err := e.advance(); err != nil {
			return err
		}
	}
	if c.Kind == engine.Watermark && c.Watermark < engine.MaxTime || c.Kind == engine.Idle {
		if c.Kind == engine.Watermark && e.mixed && !e.op.Reads() {
			e.heartbeat(&e.parts[0], nil, c.Watermark)
			return e.advance()
		}
		return nil
	}
	switch {
	case c.Kind == engine.Watermark: // the last of all
		if err := e.end(c.Born); err != nil {
			return err
		}
	case c.Kind == engine.End && e.member != nil:
		e.member.Set(engine.Reach{Low: engine.MaxTime, High: e.high, Held: !e.whole})
	}
	return e.pass(c)
}

func (e *watermarks) pass(c engine.Control) error {
	if c.Kind == engine.Watermark {
		e.op.Advance(c.Watermark)
	}
	switch {
	case e.born != 0:
		c.Born = e.born
	case c.Born == 0 && (c.Kind == engine.Watermark || c.Kind == engine.Idle): // nothing was read
		c.Born = e.op.Nanos()
	}
	return e.tell(c)
}

// gate reports whether a partition may be read, as far as drift goes.
func (e *watermarks) gate(p *engine.Partition) bool {
	if e.mixed && p.Local > 0 {
		return true
	}
	return e.parts[p.Local].watermark <= e.member.Low().Add(e.drift-1)
}
