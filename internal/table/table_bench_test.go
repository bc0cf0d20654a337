package table

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// BenchmarkMemory holds the accumulators of a million keys, the floor in a
// plain map.
func BenchmarkMemory(b *testing.B) {
	const keys = 1_000_000
	hash, err := keyhash.Of[int64]()
	if err != nil {
		b.Fatal(err)
	}
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	var ours, floor float64
	for range b.N {
		before := heap()
		var t Table[int64, int64]
		for k := range int64(keys) {
			v, _ := t.At(hash(k), k)
			*v = k
		}
		ours += heap() - before
		runtime.KeepAlive(&t)

		before = heap()
		m := map[int64]int64{}
		for k := range int64(keys) {
			m[k] = k
		}
		floor += heap() - before
		runtime.KeepAlive(m)
	}
	n := float64(b.N) * keys
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours/n, "B/key")
	b.ReportMetric(floor/n, "floor-B/key")
	b.ReportMetric(ours/floor, "ratio")
}

// What adding up costs by itself, without the event around it.
func BenchmarkAddUp(b *testing.B) {
	for _, keys := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			hash, err := keyhash.Batch[int64]()
			require.NoError(b, err)
			const n, batch = 1 << 21, 1024
			r := rand.New(rand.NewPCG(1, 2))
			all, hashes, terms := make([]int64, n), make([]uint64, n), make([]uint64, n)
			for i := range all {
				all[i] = r.Int64N(int64(keys))
			}
			hash(all, nil, hashes)
			var t Table[int64, uint64]
			for b.Loop() {
				t.Reset()
				for i := 0; i < n; i += batch {
					AddUp(&t, hashes[i:i+batch], all[i:i+batch], nil, terms[i:i+batch], nil)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
			b.ReportMetric(0, "ns/op")
		})
	}
}
