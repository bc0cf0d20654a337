package stream

import (
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

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
	TooLate int64 // events too late for every window or join that they belong to

	Unmatched  int64 // events left out by an inner join, as they match nothing
	Duplicates int64 // events left out by Deduplicate, as their key came before

	Keys int64 // keys that state is held for

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

// CheckpointStats are what a run has done about checkpoints so far.
type CheckpointStats struct {
	Made   int64 // that are durable
	Failed int64 // that were given up

	// Of the last one that was made:
	ID       int64
	At       time.Time
	Duration time.Duration // from the wish for it until its results were committed
	Written  int64         // bytes of state, for what was not as it had been
	Bytes    int64         // bytes of state in all, with patches
}

// Stats returns a snapshot of the run under way, or of the last one. It may
// be called by any goroutine, and costs microseconds.
func (p *Pipeline) Stats() Stats {
	s := Stats{Pipeline: p.plan.Name}
	now := p.plan.Snapshot()
	if now == nil {
		return s
	}
	s.Elapsed, s.Checkpoints = now.Elapsed, CheckpointStats(now.Checkpoints)
	for i, n := range p.plan.Nodes {
		o := OperatorStats{Name: n.Name, Kind: n.Kind}
		for _, c := range now.Operators[i] {
			o.Instances = append(o.Instances, instanceStats(&c, now.At))
		}
		s.Operators = append(s.Operators, o)
	}
	return s
}

func instanceStats(c *engine.Counted, now time.Time) InstanceStats {
	s := InstanceStats{
		In: c.In, Out: c.Out, Failed: c.Failed, Late: c.Late, TooLate: c.TooLate, Unmatched: c.Unmatched, Duplicates: c.Duplicates, Keys: c.Keys,
		Busy: c.Busy, Idle: c.Idle, BackPressured: c.Pressed,
		Latency: Latency{c.Latency[0], c.Latency[1], c.Latency[2], c.Latency[3]},
	}
	if c.Watermark > engine.MinTime && c.Watermark < engine.MaxTime {
		s.Watermark = c.Watermark.Std()
		s.Lag = now.Sub(s.Watermark)
	}
	return s
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
		sum.TooLate += x.TooLate
		sum.Unmatched += x.Unmatched
		sum.Duplicates += x.Duplicates
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
