// Package stream builds and runs pipelines of typed operators.
//
// A [Pipeline] is a plan. [Stream] is a handle on what an operator puts out,
// [Keyed] a stream whose events have keys, [Windowed] one whose events are in
// windows. Their methods add operators; using a handle twice fans out. Nothing
// runs, and no goroutine exists, before [Pipeline.Run].
//
//	p := stream.New("visits")
//	visits := p.From(source.Slice(log)).
//		EventTime(Visit.Time, stream.Disorder(time.Minute))
//	perHour := visits.
//		KeyBy(Visit.Page).
//		Window(window.Tumbling(time.Hour)).
//		Count()
//	perHour.To(sink.Table[stream.Pane[string, int64]](os.Stdout))
//	if err := p.Run(ctx); err != nil { ... }
//
// # Time
//
// An event's time comes from its data, by [Stream.EventTime], or from a source
// that knows it. Each partition of a source has a watermark, and a stream's is
// the lowest of theirs. Results of windows and joins depend on event times
// alone: not on the size of batches, the number of shards, or how fast the
// input is read. What goes by order of arrival instead says so. [Keyed.Process], [Keyed.ProcessBoth],
// [Keyed.ConnectAll], [Keyed.Running], [Keyed.Lookup], [Keyed.Apply] and windows of a number of events do, unless they are given
// [InOrder]; [Keyed.TableJoin], [Keyed.Connect] and [Stream.Apply], which cannot be given it, always do.
//
// Of a window, what depends on event times alone is which events are in it and
// what its last pane holds. How many panes come before the last one, and what they
// show, depends on how far the watermark is when events come: early panes, the
// panes of late events, and the sessions that have since become one. See
// [Pane] for which of them a pane replaces.
//
// # Order
//
// Events of one partition keep their order along a chain of operators, and
// across an exchange as far as they have the same key. Nothing orders events
// of different partitions or keys.
//
// # Concurrency
//
// Run spreads keyed operators over shards, one goroutine each, and calls a
// function from several of them at once: functions handed to operators must
// not share what they change. State that an operator keeps by key needs no
// lock. The number of goroutines depends on the plan and the shards, never on
// the keys: there is one for each partition that waits for the outside world,
// else one a shard for each source, and one a shard for each operator that
// begins a stage, such as a keyed one. All queues between them are bounded.
//
// # Tables
//
// A stream only grows. Where single results are taken back, as when an order is cancelled, there are tables: a
// [Table] has a row for each key, and what flows are its changes, [Change]. [TableOf], [LatestTable] and
// [Keyed.AggregateTable] make one, its methods filter, join and group, and [Table.Changes] gives the changes for sinks that
// upsert and delete. As of each event time all tables agree with each other.
//
// # Failure
//
// A panic or an error in a function handed to an operator is a failure of one
// event. By default it stops the run with an [OperatorError] that names the
// operator, where the event came from, and the cause. [SkipFailures] counts
// it instead, and [Divert] sends it to a stream of failures.
//
// A run with [Checkpoints] survives that its process is killed: the next one goes
// on where the last checkpoint was. [Restarts] does the same inside the process.
// Sinks that are a [TransactionalSink] show each result exactly once.
//
// # Operators of your own
//
// Where no operator fits, [Stream.Apply], [Keyed.Apply] and [Keyed.Connect] take one of
// yours. It is handed batches, and its [OperatorContext] gives it what ours have: state by key and
// values that are saved with the run ([OperatorContext.KeyedState], [OperatorContext.State]), timers
// ([OperatorContext.Timers]), side outputs, and failures by policy.
//
// # When not to use it
//
// Where one loop over one slice says what you mean, write the loop. Where the
// data of a minute does not fit one machine, use Flink or Spark.
package stream
