package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

func paneValue(p stream.Pane[int64, int64]) int64 {
	return p.Value ^ p.Key ^ p.Start.Unix()
}

// tumbleLoop is a keyed tumbling sum by hand: a map for each open window, and
// the watermark checked when the time moves on.
func tumbleLoop(all []sale, size time.Duration) (t totals) {
	open := map[int64]map[int64]int64{}
	var current map[int64]int64
	at, high := int64(-1)<<63, int64(-1)<<63
	due := int64(-1) << 63
	fire := func(watermark int64) {
		due = 1<<63 - 1
		for w, sums := range open {
			if end := (w + 1) * int64(size); end > watermark {
				due = min(due, end)
				continue
			}
			start := time.Unix(0, w*int64(size)).UTC()
			for k, v := range sums {
				t.add(paneValue(stream.Pane[int64, int64]{Key: k, Start: start, Value: v}))
			}
			delete(open, w)
			at = -1 << 63
		}
	}
	for i := range all {
		e := &all[i]
		now := nanos(e.At)
		if w := floorDiv(now, int64(size)); w != at {
			if current = open[w]; current == nil {
				current = map[int64]int64{}
				open[w] = current
				due = min(due, (w+1)*int64(size))
			}
			at = w
		}
		current[e.Key] += e.Amount
		if now > high {
			if high = now; high-int64(disorder) >= due {
				fire(high - int64(disorder))
			}
		}
	}
	fire(1<<63 - 1)
	return t
}

func tumble(s stream.Stream[sale]) stream.Stream[stream.Pane[int64, int64]] {
	return s.EventTime(saleAt, stream.Disorder(disorder)).
		KeyBy(saleKey).
		Window(window.Tumbling(time.Minute)).
		Aggregate(window.Sum(saleAmount))
}

// The budget is 1.3 at 100,000 keys.
func BenchmarkTumblingSum(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := sales(1<<22, keys, 60*time.Microsecond)
			compare(b, len(all),
				func() totals { return tumbleLoop(all, time.Minute) },
				func() totals { return runTotal(b, 1, [][]sale{all}, paneValue, tumble) })
		})
	}
}

// The floor here is the same pipeline on one shard: the budget of the ratio is
// 1/1.7 = 0.59.
func BenchmarkTumblingSumTwoShards(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := sales(1<<22, keys, 60*time.Microsecond)
			// Two partitions, as two web servers would write them.
			parts := make([][]sale, 2)
			for i, e := range all {
				parts[i%2] = append(parts[i%2], e)
			}
			compare(b, len(all),
				func() totals { return runTotal(b, 1, parts, paneValue, tumble) },
				func() totals { return runTotal(b, 2, parts, paneValue, tumble) })
		})
	}
}
