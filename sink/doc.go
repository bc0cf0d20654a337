// Package sink has the sinks that need nothing but an io.Writer, a directory, or
// a function. Connectors to other systems are packages below it: sqlsink for databases.
//
// A [stream.Sink] is a description: nothing is opened before Run, which opens
// a writer for each instance, one a shard. A writer is used by one goroutine
// at a time; those of several instances are at work at once, and each sink
// says how it keeps them apart.
//
//   - Order: the events of one instance are written in their order. Between
//     instances there is none.
//   - Delivery: a flush returns when what was written is where it should be,
//     and comes before each checkpoint and at the end. So every event arrives
//     at least once; after a failure, those since the last checkpoint perhaps
//     twice. [Files] is a [stream.TransactionalSink]: in a run
//     with checkpoints every event arrives exactly once, and can be seen when
//     a checkpoint holds that it has.
//   - Failure: a [*WriteError] where the place could not be reached. It ends
//     the run. A sink that has failed can be opened again: what a run knows belongs to
//     its writers.
//
// Results on the screen, and the same kept in files by day:
//
//	totals.To(sink.Table[stream.Pane[string, float64]](os.Stdout))
//	totals.To(sink.Files("totals", "*.jsonl.gz", codec.JSON[stream.Pane[string, float64]](), sink.RollEvery(24*time.Hour)))
//
// [Collect] is for tests, [Func] for a call into your own code, one event at a
// time. Where that code does better with many at once, or must not see an
// event twice, write a sink of your own: a type with the methods of
// [stream.Sink], tested by package sinktest.
package sink
