package stream

import (
	"iter"
	"math"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// Latency is a distribution of durations: its median, its 99th and 99.99th
// percentile, and the longest, right to within 12.5 %.
type Latency struct {
	P50, P99, P9999, Max time.Duration

	buckets []engine.Bucket
	seconds float64
}

// Sum returns the sum of all durations in seconds, in full precision.
func (l Latency) Sum() float64 { return l.seconds }

// Buckets yields, in ascending order, durations and how many were no longer than
// each, and longer than the one before: those of a histogram whose counts are not cumulative.
// Buckets that have counted nothing are left out.
func (l Latency) Buckets() iter.Seq2[time.Duration, int64] {
	return func(yield func(time.Duration, int64) bool) {
		for _, b := range l.buckets {
			if !yield(b.Most, b.Count) {
				return
			}
		}
	}
}

// Count returns how many durations there are.
func (l Latency) Count() (n int64) {
	for _, b := range l.buckets {
		n += b.Count
	}
	return n
}

func latencyOf(d engine.Distribution) Latency {
	l := Latency{buckets: d.Buckets, seconds: d.Seconds}
	total := l.Count()
	l.P50, l.P99, l.P9999, l.Max = l.at(.5, total), l.at(.99, total), l.at(.9999, total), l.at(1, total)
	return l
}

// at returns a quantile of total durations.
func (l *Latency) at(q float64, total int64) time.Duration {
	rank := int64(math.Ceil(q * float64(total)))
	for _, b := range l.buckets {
		if rank -= b.Count; rank <= 0 {
			return b.Most
		}
	}
	return 0
}

// and returns the distribution of both.
func (l Latency) and(o Latency) Latency {
	if len(o.buckets) == 0 {
		return l
	}
	var sum []engine.Bucket
	for a, b := l.buckets, o.buckets; len(a)+len(b) > 0; {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Most < b[0].Most:
			sum, a = append(sum, a[0]), a[1:]
		case len(a) == 0 || b[0].Most < a[0].Most:
			sum, b = append(sum, b[0]), b[1:]
		default:
			sum, a, b = append(sum, engine.Bucket{Most: a[0].Most, Count: a[0].Count + b[0].Count}), a[1:], b[1:]
		}
	}
	return latencyOf(engine.Distribution{Buckets: sum, Seconds: l.seconds + o.seconds})
}
