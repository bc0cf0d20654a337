package stream_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func notSmall(v int64) bool  { return v > 100 }
func scaled(v int64) int64   { return v*3 + 1 }
func notDozen(v int64) bool  { return v%12 != 0 }
func identity(v int64) int64 { return v }

// steps holds the functions as a caller's would be: not known to the compiler.
var steps = struct {
	first  func(int64) bool
	second func(int64) int64
	third  func(int64) bool
}{notSmall, scaled, notDozen}

func integers(n int) []int64 {
	r := rand.New(rand.NewPCG(3, 4))
	xs := make([]int64, smoke(n))
	for i := range xs {
		xs[i] = r.Int64N(1000)
	}
	return xs
}

func filterMapFilter(b *testing.B, xs []int64) totals {
	p := stream.New("bench")
	s := &totalSink[int64]{of: identity}
	p.From(source.Slice(xs)).Filter(steps.first).Map(steps.second).Filter(steps.third).To(s)
	require.NoError(b, p.Run(context.Background(), stream.Shards(1)))
	return s.total()
}

// The budget is 2.
func BenchmarkFilterMapFilter(b *testing.B) {
	xs := integers(1 << 21)
	compare(b, len(xs), func() (t totals) {
		first, second, third := steps.first, steps.second, steps.third
		for _, v := range xs {
			if first(v) {
				if w := second(v); third(w) {
					t.add(identity(w))
				}
			}
		}
		return t
	}, func() totals { return filterMapFilter(b, xs) })
}

// The budget is 3.
func BenchmarkFilterMapFilterInlined(b *testing.B) {
	xs := integers(1 << 21)
	compare(b, len(xs), func() (t totals) {
		for _, v := range xs {
			if notSmall(v) {
				if w := scaled(v); notDozen(w) {
					t.add(w)
				}
			}
		}
		return t
	}, func() totals { return filterMapFilter(b, xs) })
}

// A full cache of Lookup costs as much as a small one: nothing looks through all of it for each batch.
func BenchmarkLookupFullCache(b *testing.B) {
	for _, size := range []int{1 << 10, 1 << 17} {
		b.Run(fmt.Sprintf("results=%d", size), func(b *testing.B) {
			keys := make([]int64, size+smoke(1<<15))
			for i := range keys {
				keys[i] = int64(i)
			}
			find := func(_ context.Context, k int64) (int64, error) { return k, nil }
			for b.Loop() {
				s := &totalSink[int64]{of: identity}
				p := stream.New("bench")
				p.From(source.Slice(keys)).KeyBy(identity).
					Lookup(find, func(a, b int64) int64 { return a + b }, stream.CacheResults(size, time.Hour)).To(s)
				require.NoError(b, p.Run(context.Background(), stream.Shards(1)))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(keys)), "ns/event")
		})
	}
}
