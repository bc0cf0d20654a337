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
	Running   bool            // it is under way: not over, and not waiting to be restarted
	Restarts  int64           // of this call of Run: each restart is a run whose counts begin anew
	Operators []OperatorStats // in the order in which they were added
	Edges     []EdgeStats     // over which events move to other shards, in the order of what they lead to

	Checkpoints CheckpointStats
}

// OperatorStats are what one operator's instances have counted so far.
type OperatorStats struct {
	Name, Kind string
	Instances  []InstanceStats
	Partitions []PartitionStats // of a source, in the order in which they came

	// StateBytes are the bytes of its state in the last checkpoint.
	StateBytes int64
}

// PartitionStats are how far a partition of a source has been read.
type PartitionStats struct {
	Name   string
	Offset string // in the source's terms; as of up to a second ago while it gives full batches, or if it is of 1 KiB or more
	Events int64  // that were read, in earlier runs as well

	// Watermark is that of the partition, by its reader or by the EventTime next to
	// it; the zero time before the first.
	Watermark time.Time

	Idle  bool // the watermark does not wait for it
	Ended bool
}

// EdgeStats are what has gone over an exchange into an input of an operator,
// from all shards to all shards.
type EdgeStats struct {
	From, To string // operators
	Input    int    // of To, from 0 on

	Batches, Events  int64         // of windows that are added up before the exchange, an event is a partial aggregate
	Blocked          time.Duration // for how long senders have waited for space, added up
	Queued, Capacity int           // batches and controls that wait now, and that there is room for
}

// InstanceStats are what one instance of an operator has counted so far.
type InstanceStats struct {
	In, Out int64 // events
	Failed  int64 // events that the operator's function failed on
	Late    int64 // events taken in though they were late
	TooLate int64 // events too late for every window or join that they belong to
	Kept    int64 // of TooLate, those that are not lost: Windowed.Late, pattern.Late, LateLeft and LateRight have them

	Unmatched  int64 // events left out by a join, as they match nothing; one with bounds knows when it forgets them
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
	// Write: of sinks only. For what a watermark brings, such as panes, what waited for its
	// order and what timers put out, it is the batch that moved the watermark; for what the clock brings, such as what
	// tickers put out, it counts from then on. Late panes behind an exchange are not counted.
	Latency Latency
}

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

	Every     time.Duration // how long there is from one to the next; 0 where none are taken
	Durations Latency       // of all that were made
}

// Stats returns a snapshot of the run under way, or of the last one. It may
// be called by any goroutine, and costs microseconds.
func (p *Pipeline) Stats() Stats {
	s := Stats{Pipeline: p.plan.Name}
	now := p.plan.Snapshot()
	if now == nil {
		return s
	}
	s.Elapsed, s.Running, s.Restarts = now.Elapsed, now.Running, now.Restarts
	c := now.Checkpoints
	s.Checkpoints = CheckpointStats{
		c.Made, c.Failed, c.ID, c.At, c.Duration, c.Written, c.Bytes, now.Every, latencyOf(now.Durations),
	}
	for i, n := range p.plan.Nodes {
		o := OperatorStats{Name: n.Name, Kind: n.Kind, StateBytes: now.StateBytes[i]}
		for _, p := range now.Partitions[i] {
			o.Partitions = append(o.Partitions, PartitionStats{
				Name: p.Name, Offset: p.Offset, Events: p.Events, Idle: p.Idle, Ended: p.Ended, Watermark: shown(p.Watermark),
			})
		}
		for _, c := range now.Operators[i] {
			o.Instances = append(o.Instances, instanceStats(&c, now.At))
		}
		s.Operators = append(s.Operators, o)
	}
	for _, e := range now.Edges {
		s.Edges = append(s.Edges, EdgeStats{e.From, e.To, e.Input, e.Batches, e.Events, e.Held, e.Queued, e.Capacity})
	}
	return s
}

// shown is a watermark as statistics show it: the zero time where there is none, and
// behind the last event.
func shown(wm Time) time.Time {
	if wm > engine.MinTime && wm < engine.MaxTime {
		return wm.Std()
	}
	return time.Time{}
}

func instanceStats(c *engine.Counted, now time.Time) InstanceStats {
	s := InstanceStats{
		In: c.In, Out: c.Out, Failed: c.Failed, Late: c.Late, TooLate: c.TooLate, Kept: c.Kept, Unmatched: c.Unmatched, Duplicates: c.Duplicates, Keys: c.Keys,
		Busy: c.Busy, Idle: c.Idle, BackPressured: c.Pressed,
		Latency: latencyOf(c.Latency), Watermark: shown(c.Watermark),
	}
	if !s.Watermark.IsZero() {
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
		sum.Kept += x.Kept
		sum.Unmatched += x.Unmatched
		sum.Duplicates += x.Duplicates
		sum.Keys += x.Keys
		sum.Busy += x.Busy
		sum.Idle += x.Idle
		sum.BackPressured += x.BackPressured
		if k == 0 || x.Watermark.Before(sum.Watermark) {
			sum.Watermark, sum.Lag = x.Watermark, x.Lag
		}
		sum.Latency = sum.Latency.and(x.Latency)
	}
	return sum, true
}
