package engine

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram counts durations in buckets whose width is an eighth of their
// lower bound or less: its quantiles are right to within 12.5 %.
type histogram struct{ buckets [64 * 8]atomic.Int64 }

func (h *histogram) record(ns int64, n int) {
	h.buckets[bucketOf(uint64(max(ns, 1)))].Add(int64(n))
}

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

// read returns the buckets that have counted something.
func (h *histogram) read() (all []Bucket) {
	for i := range h.buckets {
		if n := h.buckets[i].Load(); n > 0 {
			all = append(all, Bucket{time.Duration(bucketEnd(i)), n})
		}
	}
	return all
}
