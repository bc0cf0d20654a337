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
// It is the life of an order of the program above, with several shards. Each step names its files in the order in which
// the event meets them, none of them twice, so that one can read along. Two things mean nothing to the reader: a type
// parameter [_ lazily] makes Go compile a method only where it is called (stream/lazily.go), and Enter, Halted and
// Rescue guard against functions that panic, end their goroutine, or take too long.
//
//   - Read. A task takes a step (internal/engine/reading.go): of its partitions it chooses the one that is furthest
//     behind (internal/engine/queue.go, internal/engine/partition.go) and asks its Reader (internal/engine/asking.go).
//     The engine knows no types: it asks by an interface (internal/engine/entry.go), behind which a typed batch is
//     filled (stream/source.go, stream/intake.go), that is a column of values (stream/batch.go) with a header of what
//     is known of them (stream/header.go): times, places, which rows are selected, which are late.
//   - Passed on. Operators of one stage call each other's push, on one goroutine (stream/link.go). Which stands behind
//     which was said when the plan was built, by output and attach (stream/pipeline.go). Where an operator calls a
//     function of the caller's, it does so by spans, which takes out the events that it fails on (stream/failure.go).
//     Controls (watermarks, barriers, the end) go the same way, in their order among the batches: each operator has a
//     method Control, which ends in Pass of its instance (internal/engine/instance.go).
//   - Timed. EventTime (stream/eventtime.go) gives each event of a batch its time (stream/eventtimer.go), marks those
//     that are behind the watermark of their partition (stream/punctuality.go), and passes on behind the batch the
//     watermark of all partitions: the promise that nothing earlier follows (stream/watermarks.go; of silent ones,
//     stream/silence.go).
//   - Filtered. Filter only narrows the selection (stream/filter.go).
//   - Keyed. KeyBy computes keys and their hashes (stream/keyby.go).
//   - Windowed. What takes keyed events was chosen when the plan was built. Window (stream/windowed.go) is put behind
//     KeyBy as each operator on keys is (stream/keyed.go): its consume asks Continues, which was decided before the run
//     (internal/engine/placement.go), whether events have to move to the shards of their keys first. For Window they
//     have to only where Late is asked for; else it passes them on. Aggregate (stream/aggregate.go) chooses by the kind
//     of windows in which store they are kept (internal/panes/home.go). For slices, as here, aggregateSliced
//     (stream/sliced.go) asks Continues itself: where events would have to move they come to a combining, which is the
//     next step, and else to a slicing, which does all that follows but for the exchange. (Windows in other stores:
//     stream/stored.go. Other operators on keys are sent each event: stream/keyedexchange.go.)
//   - Added up. Each shard adds up what it has read (stream/combined.go) before it sends it: a folder takes in
//     the events of a batch (stream/folder.go), those of sums of integers all at once (stream/summing.go), and adds
//     them to the accumulators of their slice of time (internal/panes/sliced.go, internal/panes/adding.go), which are a
//     table by key (internal/panes/cells.go, internal/table/addup.go). When the watermark passes the end of a slice, there
//     are many accumulators, or another control comes (so a barrier finds nothing here to save), they are taken out
//     (internal/panes/gathering.go). Where few events share a key and a slice, each is sent by itself for a while, as
//     late ones are at once.
//   - Sent. Accumulators are put into a parcel for the shard of their key (stream/exchange.go), which goes over a
//     bounded lane (internal/engine/lanes.go) into the inbox of the stage behind (internal/engine/inbox.go). Its task
//     takes the parcel out (internal/engine/task.go), and the parcel hands over the batch that is in it
//     (stream/envelope.go).
//   - Held. Accumulators are merged into those of their slice (stream/merging.go), by the same tables as before.
//   - Fired. The watermark has come by the lanes, too: it enters by a port (internal/engine/port.go), which passes on
//     the least one of all senders (internal/engine/frontier.go). The firing is told (stream/firing.go), and the store
//     fires each window that has ended (internal/panes/sliced_due.go): as far as it may, where the run is to stop
//     (internal/engine/line.go), and where a window has several slices from their merge (internal/panes/roller.go).
//   - Put out. Each key's accumulator (internal/panes/emitting.go) is handed to Emit, which the firing has set, and
//     becomes a [stream.Pane] (stream/pane.go) with the result that the aggregator makes of it (stream/results.go).
//     Panes go on in batches (stream/emitter.go) to the sink, which hands them to its Writer (stream/sink.go).
//
// An event that comes behind the watermark is late: it refines its windows while their allowed lateness lasts, and
// after that it is in the Late stream and in a counter. What goes by windows asks Gone (internal/panes/gone.go); joins,
// tables, rules and Over go by the watermark alone. Who counts: folder.go, merging.go, stored.go, cogroup.go,
// intervaljoin.go, asofjoin.go, connectall.go, waiters.go, tabling.go and framing.go of stream; what Late and LateLeft
// have, windowed.go and latesides.go. An event that a function fails on stops the run, or is counted, or goes to a
// stream of failures: the pipeline says which. No event ends anywhere else.
//
// # When the process dies
//
// In a run with stream.Checkpoints a barrier is put among the events at the sources, again and again, and passes
// through the pipeline with them (internal/engine/coordination.go). Behind it each task saves its state
// (internal/engine/saving.go; internal/state encodes it), and the sources their offsets: one consistent cut, which a
// later run begins with (internal/engine/restoring.go). Values by key are saved in stream/keystates.go, windows in
// internal/panes/saved.go. Transactional sinks show their results when the cut is durable, each exactly once
// (stream/transaction.go, internal/engine/transaction.go). See docs/reliability.md.
//
// # A guide
//
// The pages of docs/guide begin with a pipeline in ten minutes, go on with time, windows, joins, state, delivery and
// testing, and end with symptoms and remedies. Their programs can be copied, and are run by the tests.
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
//	source, sink       where events come from and go to; below them what needs a server: logfile, fluentsource,
//	                   beatssource, syslogsource, kafkasource, redissource, sqlsource, binlogsource, hbasesource, …
//	mining             models and summaries that learn from streams and tables; mining/online makes them operators
//	stream/filesystem  what files elsewhere have to keep: HDFS, object stores
//	examples           programs to start from: minutes, sales, shop, churn, …
//	internal/engine    tasks, lanes, watermarks, checkpoints: what runs a plan
//	internal/keeper    checkpoints in a store: files, manifests, the newest whole one
//	internal/door      how another engine drives our tasks, in bytes
//	internal/panes     where windows are kept, and when they fire
//	internal/state     state to bytes and back, by groups of keys
//	internal           tables, timers, key hashing, records; proofs: edges, lifecycle, recovery, oracles, …
//
// # What is where in stream
//
// (The files of internal/engine are listed in its own doc.go.)
//
//	building, running     pipeline.go plan.go options.go given.go validate.go run.go restarts.go driving.go errors.go
//	                      foreign.go local.go wire*.go (in the processes of another engine)
//	contracts             source.go opening.go intake.go partitions.go acknowledge.go; sink.go transaction.go refusal.go calls.go
//	                      watching.go
//	events as they flow   batch.go header.go link.go emitter.go failure.go deadletters.go redact.go zero.go lazily.go
//	events by themselves  filter.go map.go flatmap.go filtermap.go tap.go split.go splitby.go sample.go enrich.go lookup.go
//	time                  eventtime.go eventtimer.go punctuality.go watermarks*.go silence.go splitlate.go untimed.go
//	                      unbounded.go
//	keys and shards       keyby.go keyed.go keyref.go exchange.go envelope.go keyedexchange.go broadcast.go rebalance.go
//	                      merge.go ordered.go orderedline.go heldevents.go
//	windows               windowed.go aggregate.go results.go grouping.go sliced.go combined.go merging.go firing.go
//	                      summing.go folder.go stored.go pane.go lastpanes.go
//	joins                 join.go windowjoin.go cogroup.go intervaljoin*.go heldbykey.go asofjoin.go tablejoin.go
//	                      temporaljoin.go sweep.go latesides.go waiters.go
//	state by key          keystates.go (which most others hold) running.go process.go processboth.go keycontext.go timers.go
//	                      deduplicate.go
//	rules                 connectall*.go rules.go timeline.go eachkey.go
//	ranks, frames         over.go framing*.go ranking.go ranking_saved.go rankedpart.go
//	tables                table.go table_*.go tabling*.go change.go
//	views                 view.go viewing.go view_asof.go view_open.go ranking_view.go
//	the caller's own      operator.go keyedoperator.go cooperator.go operatorcontext.go hooks.go holdings.go keyedstate.go
//	                      state.go stateful.go owntimers.go timing.go side.go
//	checkpoints           checkpointing.go settings.go (what one depends on)
//	seen from outside     stats.go progress.go observe.go latency.go traceparent.go
//
// # Where to add
//
// docs/adding.md says where an operator, a source, a sink, a kind of windows, an aggregator and a control
// are added, and what fails where something is forgotten. docs/design.md has the rings: who may import whom.
package freshet
