// Package windowtest checks aggregators. An engine merges what shards, batches
// and slices have gathered, in any order and with memory used again, and can
// do so only because aggregators obey the laws of window.Aggregator. Hand Laws
// each aggregator of your own, in a test:
//
//	func TestMedian(t *testing.T) {
//		windowtest.Laws(t, median, []int{3, 1, 4, 1, 5}, nil)
//	}
//
// The checks are random but seeded: they are the same on every run. They can
// show that a law is broken, and cannot prove that it holds: choose values
// with ties, extremes and whatever your aggregator treats in a way of its own.
package windowtest
