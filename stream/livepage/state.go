package livepage

import (
	"time"

	"github.com/freshet-go/freshet/stream"
)

// mostPartitions is how many partitions of a source are shown.
const mostPartitions = 50

// A state is what a viewer is sent.
type state struct {
	Pipeline    string
	Born        int64 // of the page
	Viewers     int
	Every       float64 // seconds between two states, where viewers are few
	Running     bool
	Over        bool // it has run, and does not now
	Elapsed     float64
	Restarts    int64
	Nodes       []node
	Edges       []edge
	Partitions  []partition
	Hidden      int // partitions that are not shown
	Checkpoints checkpoints
	Panels      []shownPanel
}

// A node is an operator with what its instances did, added up. Rates are per second and
// shares of time, both since the state before, or the shares of the whole run where nothing is known since.
type node struct {
	Name, Kind, Detail  string
	Column              int // in the graph, from the left
	In, Out             int64
	InRate, OutRate     float64
	Busy, Idle, Pressed float64

	Failed, Late, TooLate, Kept, Unmatched, Duplicates int64

	Keys, StateBytes int64
	Watermark        string // RFC 3339; empty before the first
	Lag              float64
}

type edge struct {
	From, To         int
	Exchange         bool
	Queued, Capacity int
}

type partition struct {
	Source, Name, Offset, Watermark string
	Events                          int64
	Idle, Ended                     bool
}

type checkpoints struct {
	Made, Failed, Bytes int64
	At                  string
	Duration, Every     float64
}

// stateOf makes a state of two snapshots.
func stateOf(plan stream.Plan, before, now stream.Stats, between time.Duration) state {
	s := state{Pipeline: plan.Name, Running: now.Running, Over: !now.Running && now.Elapsed > 0, Elapsed: now.Elapsed.Seconds(), Restarts: now.Restarts}
	columns := columnsOf(plan)
	fresh := now.Elapsed < before.Elapsed || before.Elapsed == 0 // of another run: nothing to compare with
	if fresh {
		before, between = stream.Stats{}, now.Elapsed
	}
	for i, n := range plan.Nodes {
		x, _ := now.Operator(n.Name)
		was, _ := before.Operator(n.Name)
		o := node{Name: n.Name, Kind: n.Kind, Detail: n.Detail, Column: columns[i], In: x.In, Out: x.Out,
			Failed: x.Failed, Late: x.Late, TooLate: x.TooLate, Kept: x.Kept, Unmatched: x.Unmatched, Duplicates: x.Duplicates, Keys: x.Keys, Watermark: moment(x.Watermark), Lag: x.Lag.Seconds()}
		if seconds := between.Seconds(); seconds > 0 {
			o.InRate, o.OutRate = max(0, float64(x.In-was.In))/seconds, max(0, float64(x.Out-was.Out))/seconds
		}
		// What is read while it changes may be a little less than it was before.
		busy, idle, pressed := max(0, x.Busy-was.Busy), max(0, x.Idle-was.Idle), max(0, x.BackPressured-was.BackPressured)
		if busy+idle+pressed == 0 { // an operator within a stage is told of it now and then
			busy, idle, pressed = x.Busy, x.Idle, x.BackPressured
		}
		if all := busy + idle + pressed; all > 0 {
			o.Busy, o.Idle, o.Pressed = float64(busy)/float64(all), float64(idle)/float64(all), float64(pressed)/float64(all)
		}
		if i < len(now.Operators) {
			o.StateBytes = now.Operators[i].StateBytes
		}
		s.Nodes = append(s.Nodes, o)
	}
	s.Edges = edgesOf(plan, now)
	for _, o := range now.Operators {
		for _, p := range o.Partitions {
			if len(s.Partitions) == mostPartitions {
				s.Hidden++
				continue
			}
			s.Partitions = append(s.Partitions, partition{o.Name, p.Name, p.Offset, moment(p.Watermark), p.Events, p.Idle, p.Ended})
		}
	}
	c := now.Checkpoints
	s.Checkpoints = checkpoints{c.Made, c.Failed, c.Bytes, moment(c.At.Truncate(time.Second)), c.Duration.Seconds(), c.Every.Seconds()}
	return s
}

// edgesOf adds to the edges of the plan what waits on those that are exchanges.
func edgesOf(plan stream.Plan, now stream.Stats) (all []edge) {
	input := make([]int, len(plan.Nodes)) // of each node, that comes next
	for _, e := range plan.Edges {
		x := edge{From: e.From, To: e.To, Exchange: e.Exchange}
		for _, s := range now.Edges {
			if s.To == plan.Nodes[e.To].Name && s.Input == input[e.To] {
				x.Queued, x.Capacity = s.Queued, s.Capacity
			}
		}
		input[e.To]++
		all = append(all, x)
	}
	return all
}

// columnsOf puts each node to the right of its inputs.
func columnsOf(plan stream.Plan) []int {
	columns := make([]int, len(plan.Nodes))
	for i := range plan.Nodes { // each behind its inputs
		for _, e := range plan.Edges {
			if e.To == i {
				columns[i] = max(columns[i], columns[e.From]+1)
			}
		}
	}
	return columns
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
