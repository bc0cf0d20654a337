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

// What adding up costs by itself, without the event around it, in a Table and in Sums.
func BenchmarkAddUp(b *testing.B) {
	const n, batch = 1 << 21, 1024
	for _, keys := range []int{100, 10_000, 100_000} {
		hash, err := keyhash.Batch[uint64]()
		require.NoError(b, err)
		r := rand.New(rand.NewPCG(1, 2))
		all, hashes, terms := make([]uint64, n), make([]uint64, n), make([]uint64, n)
		for i := range all {
			all[i] = r.Uint64N(uint64(keys))
		}
		hash(all, nil, hashes)
		run := func(name string, reset func(), add func(hashes, keys, terms []uint64)) {
			b.Run(fmt.Sprintf("keys=%d/%s", keys, name), func(b *testing.B) {
				for b.Loop() {
					reset()
					for i := 0; i < n; i += batch {
						add(hashes[i:i+batch], all[i:i+batch], terms[i:i+batch])
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
				b.ReportMetric(0, "ns/op")
			})
		}
		var t Table[uint64, uint64]
		run("table", t.Reset, func(h, k, v []uint64) { AddUp(&t, h, k, nil, v, nil) })
		var s Sums
		run("sums", s.Reset, func(h, k, v []uint64) { s.AddUp(h, k, nil, v, false) })
		run("counted", s.Reset, func(h, k, v []uint64) { s.AddUp(h, k, nil, v, true) })
	}
}
