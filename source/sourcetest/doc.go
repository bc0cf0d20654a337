// Package sourcetest is the conformance test of sources: whoever writes a
// connector runs it over theirs.
//
//	func TestSource(t *testing.T) {
//		sourcetest.Suite[Order]{
//			Source: func(t testing.TB) stream.Source[Order] { return New(server(t, orders)) },
//			Want:   orders,
//		}.Run(t)
//	}
//
// It drives the readers directly, as Run would, and then in a pipeline. It
// checks what [stream.Source] and [stream.Reader] promise: every event once,
// in batches of any size; an offset after every event from which a later run
// goes on without loss or repetition; ctx heeded at any moment; the same
// partitions in every run; names and offsets that a checkpoint can hold;
// everything closed and no goroutine left behind. Where it is told how, it also
// tries odd names, and to go on in what has been replaced.
//
// A [Server] is for sources that others send to: acknowledgements when what was sent is durable, messages that are sent
// again, several clients, half-dead ones, and back-pressure in bounded memory.
//
// It knows nothing about speed, nor about the other end of a connection that a
// source opens itself: those tests belong beside the connector.
package sourcetest
