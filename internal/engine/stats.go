package engine

import (
	"sync/atomic"
	"time"
)

// counters are what one instance of an operator counts. They are written by
// the instance's goroutine, a batch at a time, and read by any.
type counters struct {
	task                  *task
	in, out               atomic.Int64
	failed                atomic.Int64
	late                  atomic.Int64 // passed on or merged though late
	tooLate               atomic.Int64 // left out as they were late beyond use
	kept                  atomic.Int64 // of those, what a side output has
	unmatched, duplicates atomic.Int64 // left out as they matched nothing, or came before
	keys                  atomic.Int64
	watermark             atomic.Int64
	latency               atomic.Pointer[histogram] // of sinks: nil elsewhere
}

func (r *Run) addStats(n *Node, c *counters) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.stats[n] = append(r.stats[n], c)
}

// A snapshot is what a run has done so far.
type snapshot struct {
	At         time.Time // by the run's clock
	Elapsed    time.Duration
	Operators  [][]Counted        // of each node of the plan, what its instances have counted
	Partitions [][]PartitionCount // of each that is a source
	StateBytes []int64            // of each, in the last checkpoint
	Edges      []EdgeCount
	Running    bool
	Restarts   int64

	Checkpoints checkpointStats
	Every       time.Duration // how long there is from one to the next; 0 where none are taken
	Durations   Distribution  // of those that were made
}

// Snapshot returns that of the run under way, or of the last one; nil if there
// was none.
func (p *Plan) Snapshot() *snapshot {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil {
		return nil
	}
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	s := &snapshot{At: r.Now(), Running: !r.begun, Restarts: r.restarts}
	s.Elapsed = s.At.Sub(r.start)
	for _, n := range p.Nodes {
		var all []Counted
		for _, c := range r.stats[n] {
			all = append(all, c.read())
		}
		s.Operators = append(s.Operators, all)
		s.Partitions = append(s.Partitions, r.read[n].count())
	}
	s.Edges = r.edges()
	s.StateBytes = make([]int64, len(p.Nodes))
	if r.cut != nil {
		s.Every, s.Durations = r.Every, r.cut.durations.read()
		r.cut.note(func(c *checkpointStats) {
			s.Checkpoints = *c
			for i, n := range p.Nodes {
				s.StateBytes[i] = r.cut.sizes[n.Name]
			}
		})
	}
	return s
}

// Counted is what an instance has counted so far.
type Counted struct {
	In, Out, Failed, Late, Keys    int64
	TooLate, Unmatched, Duplicates int64
	Kept                           int64 // of TooLate, those that a side output has
	Watermark                      Time

	Busy, Idle, Pressed time.Duration
	Latency             Distribution // of sinks
}

func (c *counters) read() Counted {
	kept := c.kept.Load() // in front of tooLate, as it is added to behind it: never more than that
	s := Counted{
		Kept: kept, In: c.in.Load(), Out: c.out.Load(), Failed: c.failed.Load(),
		Late: c.late.Load(), TooLate: c.tooLate.Load(),
		Unmatched: c.unmatched.Load(), Duplicates: c.duplicates.Load(), Keys: c.keys.Load(),
		Watermark: Time(c.watermark.Load()),
	}
	if h := c.latency.Load(); h != nil {
		s.Latency = h.read()
	}
	if c.task != nil {
		r := c.task.rt
		if began := c.task.began.Load(); began != 0 {
			s.Idle, s.Pressed = c.task.idle.load(r), c.task.pressed.load(r)
			end := c.task.ended.Load()
			if end == 0 {
				end = int64(r.elapsed())
			}
			life := time.Duration(end - began)
			s.Idle = min(s.Idle, life)
			s.Pressed = min(s.Pressed, life-s.Idle)
			s.Busy = life - s.Idle - s.Pressed
		}
	}
	return s
}
