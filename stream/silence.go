package stream

import (
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// PartitionChanged is called when a partition of the stage has ended or sent a
// heartbeat, or where the task heeds silence has been read.
func (e *watermarks) PartitionChanged() error {
	parts := e.op.Partitions()
	if !e.mixed {
		for i, p := range parts {
			e.parts[i].done = p.Done || p.Resting
			e.heartbeats = e.heartbeats && !p.Timed
			e.heartbeat(&e.parts[i], p, p.Beat)
		}
	}
	if e.heeds() {
		for i := range e.parts {
			e.silent(&e.parts[i], e.silenceOf(i))
			if !e.mixed {
				parts[i].Silenced = e.parts[i].idle
			}
		}
	}
	return e.advance()
}

// heeds reports whether it matters how long partitions are silent.
func (e *watermarks) heeds() bool { return e.idle > 0 || e.clock > 0 }

// begin notes when the silence of a shard begins.
func (e *watermarks) begin() error {
	e.heard(&e.parts[0], nil)
	return nil
}

// heard notes that a partition has given something: of, where the task has it.
func (e *watermarks) heard(p *partTime, of *engine.Partition) {
	p.idle, p.clocked = false, 0
	switch {
	case e.told:
		p.seen = e.op.Node.Heeds.Since(p.asked)
	case e.silence != nil:
		e.silence.Hear()
		e.check = e.silence.Since.Add(e.patience(p, 0))
	case e.mixed: // the first stands for all
		p.seen = e.askedOfAll()
	default:
		p.seen = of.Asked
	}
}

// silenceOf returns for how long a partition has been asked in vain.
func (e *watermarks) silenceOf(i int) time.Duration {
	parts := e.op.Partitions()
	switch {
	case e.silence != nil:
		return e.silence.Lasts()
	case e.mixed:
		return e.askedOfAll() - e.parts[i].seen
	}
	return parts[i].Asked - e.parts[i].seen
}

// askedOfAll returns for how long every partition that has not ended has been
// asked.
func (e *watermarks) askedOfAll() (d time.Duration) {
	some := false
	for _, p := range e.op.Partitions() {
		if !p.Done && (!some || p.Asked < d) {
			d, some = p.Asked, true
		}
	}
	return d
}

// silent notes that a partition has given nothing for a while.
func (e *watermarks) silent(p *partTime, d time.Duration) {
	if p.done {
		return
	}
	p.idle = p.idle || e.idle > 0 && d >= e.idle
	if on := d - e.clock - p.clocked; e.clock > 0 && on > 0 && p.watermark > engine.MinTime {
		p.clocked += on
		e.raise(p, p.watermark.Add(on))
	}
}

// raise lifts the watermark of a partition.
func (e *watermarks) raise(p *partTime, to Time) {
	p.watermark = max(p.watermark, min(to, engine.MaxTime-1))
	p.high = max(p.high, p.watermark.Add(e.disorder))
	e.high = max(e.high, p.watermark)
}

// heartbeat takes a watermark that the source has promised.
func (e *watermarks) heartbeat(p *partTime, of *engine.Partition, wm Time) {
	if !e.heartbeats || wm <= p.watermark || e.ahead >= 0 && wm > engine.Clamp(e.op.Now()).Add(e.ahead) {
		return
	}
	e.raise(p, wm)
	if e.heeds() {
		e.heard(p, of)
	}
	e.checkAhead(p)
}

// reach is what least returns, and how far partitions have come that are not waited for.
func (e *watermarks) reach(low Time, active bool) engine.Reach {
	r := engine.Reach{Low: low, High: e.high}
	if !active && !e.forsaken() { // else it does not matter, and there may be thousands
		r.Idle = slices.ContainsFunc(e.parts, func(p partTime) bool { return p.idle && !p.done })
	}
	return r
}

// clockSteps are how often the watermark of a silent partition goes on.
const (
	clockSteps   = 8 // in as long as it has to be silent for before,
	shortestStep = 10 * time.Millisecond
	longestStep  = time.Second
)

func clockStep(clock time.Duration) time.Duration {
	return min(max(clock/clockSteps, shortestStep), longestStep)
}

// patience returns after how long something becomes of a partition that has
// been silent for a while.
func (e *watermarks) patience(p *partTime, silent time.Duration) time.Duration {
	wait := time.Duration(1<<63 - 1)
	if e.idle > 0 && !p.idle {
		wait = e.idle - silent
	}
	if e.clock > 0 && p.watermark > engine.MinTime {
		wait = min(wait, max(e.clock-silent, clockStep(e.clock)))
	}
	return max(wait, time.Millisecond)
}

// Due is when the Read under way has lasted long enough for something to
// become of its partition. Behind an exchange tick looks after the shard.
func (e *watermarks) Due() (at time.Time, ok bool) {
	if e.silence != nil {
		return e.check, !e.check.IsZero() && !e.parts[0].done && (e.clock > 0 || !e.parts[0].idle)
	}
	if part, since := e.op.Asking(); part != nil {
		return e.due(part, since)
	}
	for _, part := range e.op.Partitions() { // none can be asked
		if since, silent := part.Silent(); silent {
			if a, has := e.due(part, since); has && (!ok || a.Before(at)) {
				at, ok = a, true
			}
		}
	}
	return at, ok
}

// due is when a partition that has been waited for since a moment has been
// silent for long enough.
func (e *watermarks) due(part *engine.Partition, since time.Time) (at time.Time, ok bool) {
	i := part.Local
	if e.mixed {
		i = 0
	}
	p := &e.parts[i]
	if p.done || e.clock == 0 && p.idle {
		return at, false
	}
	return since.Add(e.patience(p, e.silenceOf(i))), true
}

func (e *watermarks) Tick(now time.Time) error {
	if e.silence == nil {
		return nil // PartitionChanged sees what Read has come back with
	}
	p := &e.parts[0]
	d := e.silence.Lasts()
	e.silent(p, d)
	e.check = now.Add(e.patience(p, d))
	return e.advance()
}

// tooFar is the failure of an event that is ahead of the clock.
func (e *watermarks) tooFar(what string, at Time) error {
	now := e.op.Now()
	return fmt.Errorf("%s %v is %v ahead of the clock, which is at %v: MaxAhead allows %v",
		what, at, at.Sub(engine.Clamp(now)), now.UTC().Format(time.RFC3339Nano), e.ahead)
}

// checkAhead warns of a partition whose watermark is far ahead of the clock.
func (e *watermarks) checkAhead(p *partTime) {
	if !e.horizon.Passed(e.op, p.watermark) {
		return
	}
	name := ""
	for i := range e.parts {
		if of := e.partition(i); of != nil && &e.parts[i] == p {
			name = of.Name
		}
	}
	e.op.WarnAhead(name, p.watermark)
}
