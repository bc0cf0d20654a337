// Package otelspans makes spans of OpenTelemetry of what a run does: of the run, its
// checkpoints, commits and restarts, and of a sample of batches on their way from source to sink.
//
//	spans := otelspans.New(provider)
//	log := slog.New(otelspans.Handler(slog.NewJSONHandler(os.Stderr, nil)))
//	err := p.Run(ctx, stream.Observe(spans), stream.SampleBatches(time.Second), stream.Logger(log))
//
// # Spans
//
//	run PIPELINE         a call of Run; its parent is the span of Run's ctx, if there is one
//	restart              inside of it: the time waited after a failure, with the cause
//	checkpoint           a trace of its own, linked to the run
//	commit OPERATOR      inside of a checkpoint: a transactional sink's Commit
//	batch OPERATOR       a trace of its own, linked to the run: a batch that a source has given
//	stage OPERATOR       inside of it: what a stage behind an exchange does with its events
//	write OPERATOR       inside of it: a sink's Write
//
// Checkpoints and batches are traces of their own, as a run lasts for weeks, and no tool
// shows a trace of a million spans. A span is exported when it ends: that of the
// run comes last.
//
// Functions that are handed a context while a span lasts have the span in it: what a driver
// of a database makes a span of in Write or Commit is inside of ours.
//
// # Context of records
//
// Where events carry the header traceparent of W3C Trace Context, stream.TraceParent says where. The span
// of a followed batch is then inside of the trace that its events are of, if that is one, and
// else linked to all of them, 128 at most.
//
// # Logs
//
// Handler adds trace_id and span_id to what is logged with the context of a span. What the
// run logs has that of the checkpoint, the restart or the run that it is about.
//
// # Costs
//
// A span costs about a microsecond, and a batch that is not followed a look at a bit. How many
// traces are recorded and exported is for the provider's sampler: here every span is begun.
package otelspans
