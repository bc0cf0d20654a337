// Package streamtest drives a pipeline one step at a time, while the caller
// waits, with a clock that stands still until it is moved: for unit tests of
// pipelines.
//
//	orders := streamtest.NewInput[Order]()
//	p := stream.New("test")
//	totals := streamtest.Collect(Totals(p.From(orders))) // what is to be tested
//	d := streamtest.Start(t, p)
//
//	orders.Push(Order{...}, Order{...})
//	orders.AdvanceWatermark(noon)
//	d.Settle()
//	// totals.Take() holds what has come out
//
// Inputs take events, with or without event times, watermarks and bad
// records. Settle runs the pipeline until nothing is left to do. Advance moves
// processing time. With Shards and BatchSize the same test runs as it would in
// parallel; results then come in an order that means nothing, but the same
// one each time.
//
// A test of a whole program, with its goroutines, is better run by
// Pipeline.Run in testing/synctest.
package streamtest
