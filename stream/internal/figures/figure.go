package figures

import "strings"

// A Figure is one thing that is measured.
type Figure struct {
	Name   string // "operator.input_events": words of one part are joined by "_"
	Unit   Unit
	Kind   Kind
	Help   string   // a sentence without a full stop
	Labels []string // besides that of the pipeline
}

// A Kind says what a figure's values do.
type Kind uint8

const (
	Gauge     Kind = iota // goes up and down
	Counter               // goes up, and begins anew with a run
	Histogram             // counts durations, and begins anew with a run
)

// A Unit is that of a figure's values.
type Unit uint8

const (
	One     Unit = iota // a truth: 0 or 1
	Seconds             // a time span, or a time since the Unix epoch
	Bytes
	Events
	Batches
	Others // things with a name of their own
)

// UCUM returns the unit as OpenTelemetry has it.
func (u Unit) UCUM() string {
	return [...]string{"1", "s", "By", "{event}", "{batch}", "{item}"}[u]
}

// Prometheus returns the name that Prometheus has by its conventions: a prefix, the unit in
// which values are, and "total" for a counter.
func (f Figure) Prometheus() string {
	name := "freshet_" + strings.ReplaceAll(f.Name, ".", "_")
	switch f.Unit {
	case Seconds:
		name += "_seconds"
	case Bytes:
		name += "_bytes"
	}
	if f.Kind == Counter {
		name += "_total"
	}
	return name
}

// OpenTelemetry returns the name that OpenTelemetry has, in which units do not stand.
func (f Figure) OpenTelemetry() string { return "freshet." + f.Name }

// Indices of All.
const (
	running = iota
	start
	restarts
	input
	output
	failed
	late
	kept
	dropped
	keys
	state
	watermark
	busy
	latency
	partitions
	partitionEvents
	partitionWatermark
	partitionIdle
	partitionEnded
	edgeBatches
	edgeEvents
	edgeBlocked
	edgeQueued
	edgeCapacity
	checkpoints
	checkpointFailures
	checkpointInterval
	checkpointLast
	checkpointState
	checkpointWritten
	checkpointDuration
	count
)

var (
	ofOperator  = []string{"operator", "kind"}
	ofPartition = []string{"operator", "partition"}
	ofEdge      = []string{"from", "to", "input"}
)

var all = [count]Figure{
	running:    {"pipeline.running", One, Gauge, "Whether the pipeline runs: 1, or 0 if it has ended or waits to be restarted", nil},
	start:      {"pipeline.start_time", Seconds, Gauge, "When the run began, since the Unix epoch", nil},
	restarts:   {"pipeline.restarts", Others, Counter, "Restarts from the last checkpoint after a failure", nil},
	input:      {"operator.input_events", Events, Counter, "Events that the operator has taken in", ofOperator},
	output:     {"operator.output_events", Events, Counter, "Events that the operator has put out", ofOperator},
	failed:     {"operator.failed_events", Events, Counter, "Events that the operator's function has failed on", ofOperator},
	late:       {"operator.late_events", Events, Counter, "Events that were taken in though they were late", ofOperator},
	kept:       {"operator.kept_late_events", Events, Counter, "Events that were too late, and went to a stream of late events: Late of windows and patterns", ofOperator},
	dropped:    {"operator.dropped_events", Events, Counter, "Events that were left out, and went nowhere: too late, unmatched in an inner join, or duplicates", append(ofOperator[:2:2], "reason")},
	keys:       {"operator.keys", Others, Gauge, "Keys that state is held for", ofOperator},
	state:      {"operator.state", Bytes, Gauge, "Bytes of the operator's state in the last checkpoint", ofOperator},
	watermark:  {"operator.watermark_timestamp", Seconds, Gauge, "The lowest watermark of the operator's instances, since the Unix epoch", ofOperator},
	busy:       {"operator.time", Seconds, Counter, "What the stages that the operator is part of have done with their time, added up over instances: busy, idle or backpressured", append(ofOperator[:2:2], "state")},
	latency:    {"sink.latency", Seconds, Histogram, "Time from the moment that a source read a batch to the sink's Write", []string{"operator"}},
	partitions: {"operator.partitions", Others, Gauge, "Partitions of the source, those included that are not shown one by one", ofOperator},

	partitionEvents:    {"partition.events", Events, Counter, "Events that were read of the partition, in earlier runs as well", ofPartition},
	partitionWatermark: {"partition.watermark_timestamp", Seconds, Gauge, "The watermark of the partition, since the Unix epoch", ofPartition},
	partitionIdle:      {"partition.idle", One, Gauge, "Whether the partition is idle, so that the watermark does not wait for it", ofPartition},
	partitionEnded:     {"partition.ended", One, Gauge, "Whether the partition has been read to its end", ofPartition},

	edgeBatches:  {"edge.batches", Batches, Counter, "Batches that have gone over an exchange", ofEdge},
	edgeEvents:   {"edge.events", Events, Counter, "Events, or partial aggregates, that have gone over an exchange", ofEdge},
	edgeBlocked:  {"edge.blocked", Seconds, Counter, "How long senders have waited for space, added up", ofEdge},
	edgeQueued:   {"edge.queued_batches", Batches, Gauge, "Batches that wait in the queues of an exchange", ofEdge},
	edgeCapacity: {"edge.capacity_batches", Batches, Gauge, "Batches that the queues of an exchange have room for", ofEdge},

	checkpoints:        {"checkpoint.completed", Others, Counter, "Checkpoints that are durable and committed", nil},
	checkpointFailures: {"checkpoint.failures", Others, Counter, "Checkpoints that were given up", nil},
	checkpointInterval: {"checkpoint.interval", Seconds, Gauge, "How long there should be from one checkpoint to the next", nil},
	checkpointLast:     {"checkpoint.last_timestamp", Seconds, Gauge, "When the last checkpoint was made, since the Unix epoch", nil},
	checkpointState:    {"checkpoint.state", Bytes, Gauge, "Bytes of state in the last checkpoint", nil},
	checkpointWritten:  {"checkpoint.written", Bytes, Gauge, "Bytes of state that were written for the last checkpoint", nil},
	checkpointDuration: {"checkpoint.duration", Seconds, Histogram, "Time from the wish for a checkpoint until its results were committed", nil},
}

// All returns all figures. A Point's Figure is an index of it.
func All() []Figure { return all[:] }
