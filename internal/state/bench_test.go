package state

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/benchcpu"
)

// A counted record is as panes keep sums: numbers alone, of which some are mostly zero.
type countedRecord struct {
	Hash  uint64 `binary:"1"`
	Key   int64  `binary:"2"`
	Start int64  `binary:"3"`
	Acc   int64  `binary:"4"`
	End   int64  `binary:"5"`
	Panes int    `binary:"6"`
	Late  bool   `binary:"7"`
}

// What records of numbers cost a checkpoint: copied, as the stream waits, and encoded, as it does not, by processor time.
func BenchmarkRecords(b *testing.B) {
	const n = 500_000
	c := NewCoder[countedRecord]()
	r := rand.New(rand.NewPCG(1, 2))
	records := make([]countedRecord, n)
	for i := range records {
		records[i] = countedRecord{Hash: r.Uint64(), Key: int64(i), Start: int64(time.Hour), Acc: r.Int64N(1 << 24)}
	}
	var copied, encoded time.Duration
	bytes := 0
	for b.Loop() {
		start := benchcpu.Used(b)
		s := &Saving{}
		put := c.Into(s, n)
		for i := range records {
			put(records[i].Hash, records[i])
		}
		copied += benchcpu.Used(b) - start
		start = benchcpu.Used(b)
		for _, encode := range s.Later {
			encode()
		}
		encoded += benchcpu.Used(b) - start
		bytes = 0
		for g := range s.Groups {
			bytes += len(s.Groups[g])
		}
	}
	each := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(b.N) / n }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each(copied), "copy-ns/record")
	b.ReportMetric(each(encoded), "encode-ns/record")
	b.ReportMetric(float64(bytes)/n, "B/record")
}
