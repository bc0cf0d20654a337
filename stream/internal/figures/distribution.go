package figures

import (
	"math"

	"github.com/freshet-go/freshet/stream"
)

// Scale says how fine Exponential is: 8 buckets between a number and its double, as the
// histogram of a run has. It is the scale of OpenTelemetry and the schema of Prometheus.
const Scale = 3

// Exponential returns durations in buckets whose bounds are powers of 2^(1/8) seconds: counts[k] is
// how many are in (2^((first+k-1)/8), 2^((first+k)/8)]. Each of the run's own buckets, which are
// others, is counted where its upper end is. Counts are empty where there is nothing.
func Exponential(d stream.Latency) (first int, counts []int64) {
	for most, n := range d.Buckets() {
		i := int(math.Ceil(math.Log2(max(most.Seconds(), 1e-9)) * (1 << Scale)))
		if len(counts) == 0 {
			first = i
		}
		for len(counts) <= i-first {
			counts = append(counts, 0)
		}
		counts[i-first] += n
	}
	return first, counts
}

// Below returns how many durations were no longer than each of bounds, in seconds and
// ascending. One that is in the same of the run's buckets as a bound may be counted above it.
func Below(d stream.Latency, bounds []float64) []int64 {
	counts := make([]int64, len(bounds))
	next, below := 0, int64(0)
	put := func(until float64) {
		for ; next < len(bounds) && bounds[next] < until; next++ {
			counts[next] = below
		}
	}
	for most, n := range d.Buckets() {
		put(most.Seconds())
		below += n
	}
	put(math.Inf(1))
	return counts
}
