package stream_test

import (
	"fmt"
	"math/bits"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A bid is a sale whose time is a number, as it is in most files and messages.
type bid struct{ Key, Amount, Millis int64 }

func bidAt(t bid) stream.Time { return window.UnixMilli(t.Millis) }
func bidKey(t bid) int64      { return t.Key }
func bidAmount(t bid) int64   { return t.Amount }
func bidOf(s sale) bid        { return bid{s.Key, s.Amount, s.At.UnixMilli()} }
func each[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = f(a)
	}
	return out
}

func tumbleBids(s stream.Stream[bid]) stream.Stream[stream.Pane[int64, int64]] {
	return s.EventTime(bidAt, stream.Disorder(disorder)).
		KeyBy(bidKey).
		Window(window.Tumbling(time.Minute)).
		Aggregate(window.Sum(bidAmount))
}

// openSums is the table that an engineer writes who finds a map too slow: linear
// probing over keys and sums that lie side by side, of keys that are not negative.
type openSums struct {
	cells []struct{ key, sum int64 } // key+1; 0 where there is none
	n     int
}

func (t *openSums) add(key, v int64) {
	if 2*t.n >= len(t.cells) {
		old := t.cells
		t.cells = make([]struct{ key, sum int64 }, max(1024, 2*len(old)))
		for _, c := range old {
			if c.key != 0 {
				*t.cell(c.key) = c
			}
		}
	}
	c := t.cell(key + 1)
	if c.key == 0 {
		c.key = key + 1
		t.n++
	}
	c.sum += v
}

func (t *openSums) cell(key int64) *struct{ key, sum int64 } {
	hi, lo := bits.Mul64(uint64(key), 0x9e3779b97f4a7c15)
	for i := hi ^ lo; ; i++ {
		if c := &t.cells[i&uint64(len(t.cells)-1)]; c.key == key || c.key == 0 {
			return c
		}
	}
}

// openLoop is tumbleLoop over numbers and openSums, which are used again.
func openLoop(all []bid, size int64) (t totals) {
	open := map[int64]*openSums{}
	var current *openSums
	var free []*openSums
	at, high := int64(-1)<<63, int64(-1)<<63
	due := int64(-1) << 63
	fire := func(watermark int64) {
		due = 1<<63 - 1
		for w, sums := range open {
			if end := (w + 1) * size; end > watermark {
				due = min(due, end)
				continue
			}
			start := time.UnixMilli(w * size).UTC()
			for _, c := range sums.cells {
				if c.key != 0 {
					t.add(paneValue(stream.Pane[int64, int64]{Key: c.key - 1, Start: start, Value: c.sum}))
				}
			}
			clear(sums.cells)
			sums.n = 0
			free = append(free, sums)
			delete(open, w)
			at = -1 << 63
		}
	}
	for i := range all {
		e := &all[i]
		if w := floorDiv(e.Millis, size); w != at {
			if current = open[w]; current == nil {
				if n := len(free); n > 0 {
					current, free = free[n-1], free[:n-1]
				} else {
					current = &openSums{}
				}
				open[w] = current
				due = min(due, (w+1)*size)
			}
			at = w
		}
		current.add(e.Key, e.Amount)
		if e.Millis > high {
			if high = e.Millis; high-disorder.Milliseconds() >= due {
				fire(high - disorder.Milliseconds())
			}
		}
	}
	fire(1<<63 - 1)
	return t
}

// The floor is the best loop by hand, of numbers and a table of its own.
func BenchmarkTumblingSumOfNumbers(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := each(sales(smoke(1<<22), keys, 60*time.Microsecond), bidOf)
			compare(b, len(all),
				func() totals { return openLoop(all, time.Minute.Milliseconds()) },
				func() totals { return runTotal(b, 1, [][]bid{all}, paneValue, tumbleBids) })
		})
	}
}

// The floor here is the same pipeline on one shard.
func BenchmarkTumblingSumOfNumbersTwoShards(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := each(sales(smoke(1<<22), keys, 60*time.Microsecond), bidOf)
			parts := make([][]bid, 2)
			for i, e := range all {
				parts[i%2] = append(parts[i%2], e)
			}
			compare(b, len(all),
				func() totals { return runTotal(b, 1, parts, paneValue, tumbleBids) },
				func() totals { return runTotal(b, 2, parts, paneValue, tumbleBids) })
		})
	}
}
