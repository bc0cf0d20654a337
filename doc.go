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
// A Reader of a source fills a batch with events from one partition: a range
// of a file, a slice, a channel. The batch goes through a stage, a chain of
// operators that one goroutine calls one after another: EventTime gives each
// event its time and derives the partition's watermark, Filter narrows the
// selection, KeyBy computes keys and their hashes.
//
// Where events of one key have to meet and there are several shards, an
// exchange copies each to the shard of its key, over a bounded queue. Windowed
// aggregates first add up what their own shard has seen, and send only the
// sums. The operator behind holds the event's trace in its state, by key, until
// the watermark, the promise that nothing earlier follows, passes the end of
// the window. Then the window fires: a [stream.Pane] goes on to the sink's
// Writer.
//
// An event that comes behind the watermark is late: it refines its windows
// while their allowed lateness lasts, and after that it is in the Late stream
// and in a counter. An event that a function fails on stops the run, or is
// counted, or goes to a stream of failures: the pipeline says which. No event
// ends anywhere else.
//
// # When the process dies
//
// In a run with stream.Checkpoints a barrier follows the events from the sources on
// every so often. Behind it each task saves its state, and the sources their offsets: one
// consistent cut, which a later run begins with. Transactional sinks show their
// results when the cut is durable, each exactly once. See docs/reliability.md.
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
//	stream/codec       values to bytes and back: JSON, CSV, logfmt, server logs, binary
//	stream/sealed      checkpoints and files encrypted at rest
//	stream/audit       a signed log of what pipelines did, and who ran them
//	stream/mask        fields hidden, by tags
//	stream/streamtest  unit tests of pipelines, with a clock that stands still
//	window             which windows there are, and what is made of the events in them
//	source, sink       where events come from and go to; below them what needs a server: logfile,
//	                   fluentsource, beatssource, syslogsource, redissource, sqlsource, binlogsource, hbasesource, …
//	mining             models and summaries that learn from streams and tables; mining/online makes them operators
//	stream/filesystem  what files elsewhere have to keep: HDFS, object stores
//	examples           programs to start from: minutes, sales, shop, churn, …
//	internal/engine    tasks, lanes, watermarks, checkpoints: what runs a plan
//	internal/keeper    checkpoints in a store: files, manifests, the newest whole one
//	internal           state, key hashing, tables, timers, pane stores, proofs of recovery
//
// # Where to add
//
// An operator is a file of its own in stream; stream/filtermap.go is the shortest to
// begin from. It needs a line in the table of stream/options.go, and one in the suite of
// internal/edges, which fails without. A source or a sink is a file in source or sink, as
// source/slice.go is, with the suite of sourcetest or sinktest; one with a dependency
// has a package below that, as source/redissource has. A kind of windows begins in
// window/spec.go; where its slices are not those of others it has a store or a roller in
// internal/panes, and stream/settings.go says what of it a checkpoint depends on. A control
// that travels between events begins in internal/engine/control.go; what it means for
// several inputs is said in frontier.go, for a task in task.go, and operators see it in
// their Control.
//
// Who stands lower in design.md's list imports nothing that stands higher:
// window knows no streams, and connectors use nothing of stream that a caller
// could not.
package freshet
