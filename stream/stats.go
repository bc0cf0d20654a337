package stream

import (
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
	"time"
)

// counters are what one instance of an operator counts. They are written by
// the instance's goroutine, a batch at a time, and read by any.
type counters struct {
	task      *task
	in, out   atomic.Int64
	failed    atomic.Int64
	late      atomic.Int64 // passed on or merged though late
	dropped   atomic.Int64 // late beyond use
	keys      atomic.Int64
	watermark atomic.Int64
	latency   histogram
}

// A histogram counts durations in buckets whose width is an eighth of their
// lower bound or less: its quantiles are right to within 12.5 %.
type histogram struct{ buckets [64 * 8]atomic.Int64 }

func (h *histogram) record(ns int64, n int) {
	h.buckets[bucketOf(uint64(max(ns, 1)))].Add(int64(n))
}

func bucketOf(v uint64) int {
	exp := bits.Len64(v) - 1
	if exp < 3 {
		return int(v)
	}
	return exp*8 + int(v>>(exp-3)&7)
}

func bucketEnd(i int) int64 {
	exp := i / 8
	if exp < 3 {
		return int64(i)
	}
	return int64(1)<<exp + int64(i%8+1)<<(exp-3) - 1
}

// Stats are a snapshot of a run.
type Stats struct {
	Pipeline  string
	Elapsed   time.Duration
	Operators []OperatorStats // in the order in which they were added

	Checkpoints CheckpointStats
}

// OperatorStats are what one operator's instances have counted so far.
type OperatorStats struct {
	Name, Kind string
	Instances  []InstanceStats
}

// InstanceStats are what one instance of an operator has counted so far.
type InstanceStats struct {
	In, Out int64 // events
	Failed  int64 // events that the operator's function failed on
	Late    int64 // events taken in though they were late
	Dropped int64 // events too late for every window or join they belong to
	Keys    int64 // keys that state is held for

	// Watermark is the zero time before the first, and Lag is the run's clock
	// less the watermark: meaningful where event times are those of now.
	Watermark time.Time
	Lag       time.Duration

	// What the stage that the instance is part of did with its time. The
	// three add up to the time since it began. A stage that reads a source is
	// idle while Read waits: while it has given nothing, where it gave less than
	// a full batch and the reader is one that Waits, and where it took longer
	// than 100 µs for each of its events.
	Busy, Idle, BackPressured time.Duration

	// Latency from the moment that a source read the batch to a sink's
	// Write: of sinks only.
	Latency Latency
}

// Latency holds quantiles of a distribution of durations, right to within
// 12.5 %.
type Latency struct{ P50, P99, P9999, Max time.Duration }

func (r *run) addStats(n *node, c *counters) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.stats[n] = append(r.stats[n], c)
}

// Stats returns a snapshot of the run under way, or of the last one. It may
// be called by any goroutine, and costs microseconds.
func (p *Pipeline) Stats() Stats {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil {
		return Stats{Pipeline: p.name}
	}
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	now := r.now()
	s := Stats{Pipeline: p.name, Elapsed: now.Sub(r.start)}
	for _, n := range p.nodes {
		o := OperatorStats{Name: n.name, Kind: n.kind}
		for _, c := range r.stats[n] {
			o.Instances = append(o.Instances, c.snapshot(now))
		}
		s.Operators = append(s.Operators, o)
	}
	if r.cut != nil {
		r.cut.note(func(c *CheckpointStats) { s.Checkpoints = *c })
	}
	return s
}

func (c *counters) snapshot(now time.Time) InstanceStats {
	s := InstanceStats{
		In: c.in.Load(), Out: c.out.Load(), Failed: c.failed.Load(),
		Late: c.late.Load(), Dropped: c.dropped.Load(), Keys: c.keys.Load(),
		Latency: c.latency.quantiles(),
	}
	if wm := Time(c.watermark.Load()); wm > minTime && wm < maxTime {
		s.Watermark = wm.Std()
		s.Lag = now.Sub(s.Watermark)
	}
	if c.task != nil {
		r := c.task.rt
		if began := c.task.began.Load(); began != 0 {
			s.Idle, s.BackPressured = c.task.idle.load(r), c.task.pressed.load(r)
			end := c.task.ended.Load()
			if end == 0 {
				end = int64(r.elapsed())
			}
			life := time.Duration(end - began)
			s.Idle = min(s.Idle, life)
			s.BackPressured = min(s.BackPressured, life-s.Idle)
			s.Busy = life - s.Idle - s.BackPressured
		}
	}
	return s
}

func (h *histogram) quantiles() Latency {
	var counts [64 * 8]int64
	var total int64
	for i := range h.buckets {
		counts[i] = h.buckets[i].Load()
		total += counts[i]
	}
	at := func(q float64) time.Duration {
		rank := int64(math.Ceil(q * float64(total)))
		for i, n := range counts {
			if rank -= n; n > 0 && rank <= 0 {
				return time.Duration(bucketEnd(i))
			}
		}
		return 0
	}
	if total == 0 {
		return Latency{}
	}
	return Latency{at(.5), at(.99), at(.9999), at(1)}
}

// Operator returns the statistics of an operator summed over its instances,
// with the lowest watermark, and false if there is none of that name.
func (s Stats) Operator(name string) (InstanceStats, bool) {
	i := slices.IndexFunc(s.Operators, func(o OperatorStats) bool { return o.Name == name })
	if i < 0 {
		return InstanceStats{}, false
	}
	var sum InstanceStats
	for k, x := range s.Operators[i].Instances {
		sum.In += x.In
		sum.Out += x.Out
		sum.Failed += x.Failed
		sum.Late += x.Late
		sum.Dropped += x.Dropped
		sum.Keys += x.Keys
		sum.Busy += x.Busy
		sum.Idle += x.Idle
		sum.BackPressured += x.BackPressured
		if k == 0 || x.Watermark.Before(sum.Watermark) {
			sum.Watermark, sum.Lag = x.Watermark, x.Lag
		}
		l, m := &sum.Latency, x.Latency
		l.P50, l.P99, l.P9999, l.Max = max(l.P50, m.P50), max(l.P99, m.P99), max(l.P9999, m.P9999), max(l.Max, m.Max)
	}
	return sum, true
}
