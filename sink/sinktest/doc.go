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
// once; a medium that fails is reported; everything is closed and no goroutine
// left behind.
package sinktest
