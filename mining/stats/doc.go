// Package stats describes numbers: in one pass, in parts that merge, over the last of a stream, or of a
// slice.
//
// An accumulator is a plain value with Add, queries, and Merge where the mathematics allows. It is
// saved by AppendBinary. Many of them have an aggregator of windows:
//
//	accumulator          says                                                aggregator       merges
//	Summary              count, min, max, moments to the fourth, weighted    Describe         yes
//	Joint                covariance, correlation, line of two numbers        Relate           yes
//	Faded                exponentially weighted mean and variance            FadedBy          by time
//	Rolling              all of Summary and quantiles of the last n or d     -                no
//	Histogram            counts in bins, quantiles                           Binned           yes
//	FadedEntropy         entropy of classes that fade                        Variety: of all  no
//
// Of slices there are [Quantile] by nine definitions, [WeightedQuantile], [MAD], [Ranks], [Pearson],
// [Spearman], [Kendall], [Entropy], [Divergence] and [JensenShannon].
//
//	orders.KeyBy(Order.Shop).
//		Window(window.Tumbling(time.Minute)).
//		Aggregate(stats.Describe(Order.Amount))
//
// NaN and infinite numbers are missing: they are left out, and mostly counted. What there are too few
// numbers for is NaN: a variance of none, a skewness of numbers that are all equal. One goroutine at a
// time uses an accumulator.
//
// # When not to use it
//
// Quantiles, distinct values and most frequent ones of more values than fit in memory are for package
// mining/sketch. Whether a difference is more than chance is for package mining/experiment. For a sum,
// a mean or a variance of a window alone, package window has what is smaller.
package stats
