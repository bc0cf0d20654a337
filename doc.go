// Package freshet is the root of a library of typed stream operators: it turns
// what a shop writes all day, orders and carts and access logs, into totals,
// joins and alerts, inside a Go service and without a cluster.
//
// # The model
//
// A [stream.Pipeline] is a plan: sources, operators and sinks, connected by
// streams. Building it is plain calls and starts nothing; Run opens the
// sources, moves events until they end, and returns.
//
//	p := stream.New("sales")
//	p.From(source.Files(os.DirFS("data"), "orders-*.jsonl", codec.JSON[Order]())).
//		EventTime(Order.PaidAt, stream.Disorder(5*time.Second)).
//		Filter(Order.Paid).
//		KeyBy(Order.Shop).
//		Window(window.Tumbling(time.Minute)).
//		Aggregate(window.Sum(Order.Cents)).
//		To(sink.JSONLines[stream.Pane[string, int64]](os.Stdout))
//	err := p.Run(ctx)
//
// # The life of an event
//
// Each step names its files, so that one can read along; names without a folder are in stream. A type parameter
// [_ lazily] means nothing to the reader: it has Go compile a method only where it is called (lazily.go).
//
//   - Read. A task chooses the partition that is furthest behind (internal/engine/reading.go, queue.go and partition.go there), and
//     its Reader fills a batch (asking.go there; by entry.go there source.go, which is typed; intake.go, batch.go, header.go).
//   - Timed. EventTime gives each event its time (eventtimer.go) and derives the partition's
//     watermark: the promise that nothing earlier follows (watermarks.go, silence.go). What comes behind it is marked (punctuality.go).
//   - Passed on. Operators of one stage call each other, on one goroutine (link.go; filter.go, map.go, …). Which stands behind which is said
//     by output and attach of pipeline.go. What a function fails on is taken out on the way (failure.go).
//   - Keyed. KeyBy computes keys and their hashes (keyby.go). Whether an exchange follows is decided in keyed.go, by
//     internal/engine/placement.go. A windowed aggregate adds up what its shard has seen
//     (folder.go; summing.go where they are sums of integers) and keeps it for the shards of their keys (combined.go).
//   - Sent. Where there are several shards, what is for another one goes into a parcel (exchange.go,
//     keyedexchange.go), over a bounded queue (internal/engine/lanes.go, inbox.go) into the stage behind (task.go there takes it out, port.go is where it comes in), which goes by the
//     least watermark of all who send to it (frontier.go).
//   - Held. sliced.go connects what takes in and what fires. Sums are added to those of their window (merging.go), single events by folder.go. Both
//     are kept by key and slice in internal/panes (sliced.go there, cells.go) and internal/table. Sessions and windows with triggers
//     are kept by stored.go, other state by process.go, joins, …. Which windows are kept how, internal/panes/home.go says.
//   - Fired. When the watermark passes the end of the window (internal/panes/sliced_due.go), a [stream.Pane] is made (pane.go)
//     and goes on in batches (emitter.go) to the sink's Writer (sink.go).
//
// An event that comes behind the watermark is late: it refines its windows
// while their allowed lateness lasts, and after that it is in the Late stream
// and in a counter: gone in windowed.go decides, and folder.go, merging.go, stored.go, cogroup.go and each join count. An event that a function fails on stops the run, or is
// counted, or goes to a stream of failures: the pipeline says which (failure.go). No event
// ends anywhere else.
//
// # When the process dies
//
// In a run with stream.Checkpoints a barrier is put among the events at the sources, again and again, and passes through the
// pipeline with them (internal/engine/coordination.go). Behind it each task saves its state (saving.go there; internal/state
// encodes it), and the sources their offsets: one consistent cut, which a later run begins with. Values by key are saved in keystates.go,
// windows in internal/panes/saved.go. Transactional sinks show their
// results when the cut is durable, each exactly once (transaction.go). See docs/reliability.md.
//
// # A guide
//
// The pages of docs/guide begin with a pipeline in ten minutes, go on with time, windows,
// joins, state, delivery and testing, and end with symptoms and remedies. Their programs
// can be copied, and are run by the tests.
//
// # Where things are
//
//	stream             pipelines, operators, the contracts of sources and sinks, Run
//	stream/pattern     sequences of events of a key: patterns, and what matches
//	stream/checkpoint  where checkpoints are kept, and what is in them
//	stream/codec       values to bytes and back: JSON, CSV, logfmt, server logs, binary; debezium below it
//	stream/sealed      checkpoints and files encrypted at rest
//	stream/audit       a signed log of what pipelines did, and who ran them
//	stream/mask        fields hidden, by tags
//	stream/shred       fields under a key of each person, which can be destroyed
//	stream/certs       TLS from files that are renewed
//	stream/httpguard   who may look at live pages and state
//	stream/flink       the same pipeline on a cluster of Apache Flink
//	stream/spark       the same pipeline as a batch on Apache Spark
//	stream/streamtest  unit tests of pipelines, with a clock that stands still
//	window             which windows there are, and what is made of the events in them
//	window/over        ranks, neighbours and frames: what Keyed.Over and Ordered.Over work out
//	source, sink       where events come from and go to; below them what needs a server: logfile,
//	                   fluentsource, beatssource, syslogsource, kafkasource, redissource, sqlsource, binlogsource, hbasesource, …
//	mining             models and summaries that learn from streams and tables; mining/online makes them operators
//	stream/filesystem  what files elsewhere have to keep: HDFS, object stores
//	examples           programs to start from: minutes, sales, shop, churn, …
//	internal/engine    tasks, lanes, watermarks, checkpoints: what runs a plan
//	internal/keeper    checkpoints in a store: files, manifests, the newest whole one
//	internal           state, key hashing, tables, timers, pane stores, proofs of recovery
//
// # What is where in stream
//
//	building, running     pipeline.go plan.go options.go given.go validate.go run.go checkpointing.go restarts.go driving.go errors.go
//	                      foreign.go local.go wire*.go (in the processes of another engine)
//	contracts             source.go intake.go partitions.go acknowledge.go; sink.go transaction.go refusal.go calls.go watching.go
//	events as they flow   batch.go header.go link.go emitter.go failure.go redact.go zero.go lazily.go
//	events by themselves  filter.go map.go flatmap.go filtermap.go tap.go split.go splitby.go sample.go enrich.go lookup.go
//	time                  eventtime.go eventtimer.go punctuality.go watermarks*.go silence.go splitlate.go untimed.go unbounded.go
//	keys and shards       keyby.go keyed.go keyref.go exchange.go keyedexchange.go broadcast.go rebalance.go merge.go ordered.go orderedline.go heldevents.go
//	windows               windowed.go aggregate.go grouping.go sliced.go combined.go merging.go summing.go folder.go stored.go pane.go lastpanes.go
//	joins                 join.go windowjoin.go cogroup.go intervaljoin*.go keyrefs.go asofjoin.go tablejoin.go temporaljoin.go sweep.go
//	state by key          keystates.go (which most others hold) running.go process.go processboth.go keycontext.go timers.go deduplicate.go
//	rules                 connectall.go rules.go timeline.go
//	ranks, frames         over.go framing*.go ranking*.go rankedpart.go
//	tables                table.go table_*.go tabling*.go change.go
//	views                 view.go viewing.go view_asof.go ranking_view.go
//	the caller's own      operator.go keyedoperator.go cooperator.go operatorcontext.go hooks.go holdings.go keyedstate.go state.go stateful.go owntimers.go timing.go side.go
//	seen from outside     stats.go progress.go observe.go latency.go traceparent.go settings.go
//
// # Where to add
//
// An operator is a file of its own in stream. stream/filtermap.go is the shortest that does its
// work itself; where others can do it, it is even shorter, as stream/tap.go is. Its kind needs a line in the table taken of
// stream/options.go, and its method one in the suite of internal/edges, which fails without; where it fires by time also one in
// internal/lifecycle, and where it holds state in internal/recovery. Besides:
//
//   - attach says that its results are of the partition that its input is of, which an EventTime behind a Merge relies on. One that puts out
//     anything else says losesPartition, as operator.go does; one with several outputs makes them with newOutput, and says Through itself (split.go).
//   - One with state says what that depends on (Depends of its node), holds it (Hold), and takes a Control that has it catch up behind a restart. A
//     checkpoint is held against the types of its record by the names of the fields: Key, Val, Value, Acc (internal/engine/settings.go).
//   - One that fires by time asks how far it may (Reach), so that a run which is told to stop leaves the rest to the next.
//
// A source or a sink is a file in source or sink, as source/slice.go is, with the suite of sourcetest or sinktest; one with a
// dependency has a package below that. source/kafkasource is one whose partitions come and go.
//
// A kind of windows is a constant in window/spec.go and a case in the functions below it, which panic for a kind that they do not know;
// window/kinds_test.go wants its definition, and window/option.go which options make no sense for it. stream/settings.go says what of it a checkpoint
// depends on. internal/panes/home.go says in which store they are kept: where they share slices in another way than those there are, they have a roller in
// internal/panes; where they are no unions of slices, a store there. What goes by the kind, there and in stream, panics for one that it does not know,
// or takes it for one about which nothing can be said, which is slower and right: once in stream/grouping.go, lastpanes.go, given.go. Beside them, OfPanes
// in window/panes.go, RollBy in sink/files.go, and docs/guide/windows.md speak of kinds.
//
// An aggregate is a file in window, as window/extreme.go is, held to window/laws_test.go; stream/settings.go names it in
// checkpoints. Streams take it in stream/aggregate.go.
//
// A control that travels between events is a constant in internal/engine/control.go. What it means for
// several inputs is said in Take of frontier.go, which fails for one that it does not know; for a task in task.go. Operators see it in
// their Control: hooks.go and watermarks.go of stream. Who else decides by the kind, and does not fail for a new one: in internal/engine Control of
// lanes.go (what may overtake a watermark that waits), lane of port.go (what goes past the frontier), control of telling.go (what has the time at which it
// was read) and meet of inbox.go (what a lane is held back for); in stream Control of merge.go, keyby.go (what ends there), combined.go (what has it
// send on what it has added up), join.go and connectall.go (an input without a say) and sink.go. crossing.go, between processes, fails. A test at the root
// holds this list to the code.
//
// Who stands lower in design.md's list imports nothing that stands higher:
// window knows no streams, and connectors use nothing of stream that a caller
// could not.
package freshet
