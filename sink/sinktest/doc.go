// Package sinktest is the conformance test of sinks: whoever writes a
// connector runs it over theirs.
//
//	func TestSink(t *testing.T) {
//		sinktest.Suite[Order]{
//			Events: orders,
//			Sink: func(t testing.TB) (stream.Sink[Order], func() []Order) {
//				db := server(t)
//				return New(db), func() []Order { return rows(t, db) }
//			},
//		}.Run(t)
//	}
//
// It drives the writers directly, as Run would, and then in a pipeline. It
// checks what [stream.Sink] and [stream.Writer] promise: every event is where
// it should be once the writers have been flushed and closed, those of one
// instance in their order; batches are not kept; several instances write at
// once; a medium that fails is reported, and the sink that has failed is written to when it is
// opened again; everything is closed and no goroutine left behind.
//
// A [stream.TransactionalSink] is taken through the lives of runs with
// checkpoints as well, which are killed at every place and begin again: nothing
// is seen before it is committed, and everything once at the end, whatever was
// committed again, given up, or written by another number of instances; and a
// run that would bring results again is refused.
package sinktest
