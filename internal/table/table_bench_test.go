package table

import (
	"runtime"
	"testing"

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
