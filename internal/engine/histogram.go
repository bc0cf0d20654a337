package engine

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram counts durations in buckets whose width is an eighth of their
// lower bound or less: its quantiles are right to within 12.5 %.
//
// One goroutine records, and any may read.
type histogram struct {
	buckets [64 * 8]atomic.Int64
	sum     atomic.Uint64 // in seconds, as the bits of a float64: an int64 of nanoseconds would not hold what a backlog of hours adds up to
}

func (h *histogram) record(ns int64, n int) {
	h.sum.Store(math.Float64bits(h.seconds() + float64(max(ns, 0))/1e9*float64(n)))
	h.buckets[bucketOf(uint64(max(ns, 1)))].Add(int64(n))
}

// seconds returns the sum of all durations.
func (h *histogram) seconds() float64 { return math.Float64frombits(h.sum.Load()) }

func bucketOf(v uint64) int {
	exp := bits.Len64(v) - 1
	if exp < 3 {
		return int(v)
	}
	return exp*8 + int(v>>(exp-3)&7)
}

func bucketEnd(i int) int64 {
	exp := i / 8
	if exp < 3 {
		return int64(i)
	}
	return int64(1)<<exp + int64(i%8+1)<<(exp-3) - 1
}

// A Bucket is how many durations a histogram has counted that are no longer than
// Most, and longer than those of the bucket before.
type Bucket struct {
	Most  time.Duration
	Count int64
}

// A Distribution is what a histogram has counted: buckets that hold something, and the sum
// of all durations in seconds.
type Distribution struct {
	Buckets []Bucket
	Seconds float64
}

func (h *histogram) read() (d Distribution) {
	d.Seconds = h.seconds()
	for i := range h.buckets {
		if n := h.buckets[i].Load(); n > 0 {
			d.Buckets = append(d.Buckets, Bucket{time.Duration(bucketEnd(i)), n})
		}
	}
	return d
}
