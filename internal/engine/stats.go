package engine

import (
	"math"
	"math/bits"
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
	tooLate               atomic.Int64 // left out as they were late beyond use,
	unmatched, duplicates atomic.Int64 // as they matched nothing, or came before
	keys                  atomic.Int64
	watermark             atomic.Int64
	latency               histogram
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

func (r *Run) addStats(n *Node, c *counters) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.stats[n] = append(r.stats[n], c)
}

// A snapshot is what a run has done so far.
type snapshot struct {
	At          time.Time // by the run's clock
	Elapsed     time.Duration
	Operators   [][]Counted // of each node of the plan, what its instances have counted
	Checkpoints checkpointStats
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
	s := &snapshot{At: r.Now()}
	s.Elapsed = s.At.Sub(r.start)
	for _, n := range p.Nodes {
		var all []Counted
		for _, c := range r.stats[n] {
			all = append(all, c.read())
		}
		s.Operators = append(s.Operators, all)
	}
	if r.cut != nil {
		r.cut.note(func(c *checkpointStats) { s.Checkpoints = *c })
	}
	return s
}

// Counted is what an instance has counted so far.
type Counted struct {
	In, Out, Failed, Late, Keys    int64
	TooLate, Unmatched, Duplicates int64
	Watermark                      Time

	Busy, Idle, Pressed time.Duration
	Latency             [4]time.Duration // its median, 99th and 99.99th percentile, and most
}

func (c *counters) read() Counted {
	s := Counted{
		In: c.in.Load(), Out: c.out.Load(), Failed: c.failed.Load(),
		Late: c.late.Load(), TooLate: c.tooLate.Load(),
		Unmatched: c.unmatched.Load(), Duplicates: c.duplicates.Load(), Keys: c.keys.Load(),
		Watermark: Time(c.watermark.Load()), Latency: c.latency.quantiles(),
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

func (h *histogram) quantiles() [4]time.Duration {
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
		return [4]time.Duration{}
	}
	return [4]time.Duration{at(.5), at(.99), at(.9999), at(1)}
}
