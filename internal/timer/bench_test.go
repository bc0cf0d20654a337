package timer

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// A payload is as large as an event that waits with its key.
type payload struct {
	hash uint64
	key  string
	_    [3]uint64 // the event
}

// BenchmarkPushPop pushes an item for each that it pops, due up to ten seconds
// later.
func BenchmarkPushPop(b *testing.B) {
	for _, held := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("held=%d", held), func(b *testing.B) {
			var q Queue[payload]
			r := rand.New(rand.NewPCG(1, 2))
			now := int64(0)
			push := func(i int) {
				q.Push(now+r.Int64N(int64(10*time.Second)), uint64(i), payload{hash: uint64(i), key: "key"})
			}
			for i := range held {
				push(i)
			}
			q.Next() // the buckets find their width
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				now = q.Pop().Due
				push(i)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/event")
		})
	}
}

// BenchmarkPopDue pushes a thousand items, as a batch does, and then pops what
// a watermark makes due.
func BenchmarkPopDue(b *testing.B) {
	for _, wait := range []time.Duration{time.Second, time.Minute} {
		b.Run(fmt.Sprintf("wait=%v", wait), func(b *testing.B) {
			var q Queue[payload]
			var items []Item[payload]
			r := rand.New(rand.NewPCG(1, 2))
			now, n := int64(0), 0
			b.ReportAllocs()
			for b.Loop() {
				for i := range 1000 {
					now += int64(time.Millisecond)
					q.Push(now+r.Int64N(int64(wait)), uint64(i), payload{hash: uint64(i), key: "key"})
				}
				for {
					items = q.PopDue(now, 512, items[:0])
					if len(items) == 0 {
						break
					}
					n += len(items)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
		})
	}
}
