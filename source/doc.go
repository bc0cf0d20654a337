// Package source has the sources that need nothing but the standard library's
// idea of data: slices, sequences, channels, generated values and files.
// Connectors to other systems are packages below it.
//
// A [stream.Source] is a description: nothing is opened, read or begun before
// Run. Open returns its partitions, each with a reader. A partition is a
// sequence of events whose order means something and that has a watermark of
// its own: a slice, a file, a part of a file.
//
//   - Order: inside a partition events come in the order of the data.
//     Between partitions there is none, but for that which event time makes.
//   - Concurrency: a reader is used by one goroutine at a time, and starts
//     none. Partitions are read in parallel, one a shard; those that wait
//     for the outside world ([Chan], [Generate] with a [Rate]) have a goroutine
//     each.
//   - Place: a reader's Offset says where a later run goes on, after exactly
//     what was read before. [Chan] is the exception: a channel has no past.
//   - Failure: a record that cannot be decoded is rejected with its place,
//     and the pipeline says what becomes of it: it ends the run, or is
//     skipped ([stream.SkipFailures]), or goes to a stream of its own
//     ([stream.Divert]). What cannot be read at all is a [*ReadError].
//
// Orders in files, and those that could not be read:
//
//	var bad stream.Failures[[]byte]
//	orders := p.From(source.Files(os.DirFS("data"), "orders-*.jsonl.gz", codec.JSON[Order]()), stream.Divert(&bad))
//	bad.Stream().To(sink.JSONLines[stream.Failed[[]byte]](os.Stderr))
//
// A source of your own is a type with the methods of [stream.Source], tested
// by package sourcetest. For a few lines of code that call a library, [Seq] is
// enough, or [Chan] where the library calls you. Use neither for data that
// must survive a crash: give it a Reader with an Offset.
package source
