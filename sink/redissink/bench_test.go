package redissink_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/stream"
)

type benchOrder struct {
	Number int64  `redis:"number"`
	Shop   string `redis:"shop"`
	Paid   bool   `redis:"paid"`
}

func perEvent(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "M/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStreams adds to a stream that is kept short. The floor is go-redis's own loop of pipelines.
func BenchmarkStreams(b *testing.B) {
	c := redistest.Start(b).Client()
	key := func(benchOrder) string { return "orders" }
	values := make([]benchOrder, 500)
	for i := range values {
		values[i] = benchOrder{int64(i), "north", i%2 == 0}
	}
	in := stream.NewIntake[benchOrder](500)
	in.Append(values...)
	sink := redissink.Streams(c, key, redissink.Tags[benchOrder](), redissink.MaxLen(10_000))
	b.Run("add", func(b *testing.B) {
		w, err := sink.Open(&stream.SinkContext{Context: b.Context(), Name: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		b.ReportAllocs()
		for b.Loop() {
			if err := w.Write(b.Context(), in.Batch()); err != nil {
				b.Fatal(err)
			}
			n += len(values)
		}
		perEvent(b, n)
	})
	b.Run("exactly once", func(b *testing.B) {
		once := redissink.ExactlyOnce(sink)
		context := &stream.SinkContext{Context: b.Context(), Pipeline: "bench", Name: "bench", Transactional: true}
		w, err := once.Open(context)
		if err != nil {
			b.Fatal(err)
		}
		m, err := once.OpenCommitter(context)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		b.ReportAllocs()
		for id := int64(1); b.Loop(); id++ {
			for range 20 {
				if err := w.Write(b.Context(), in.Batch()); err != nil {
					b.Fatal(err)
				}
				n += len(values)
			}
			prepared, err := w.(stream.Preparer).Prepare(b.Context())
			if err == nil {
				err = m.Commit(b.Context(), id, [][]byte{prepared})
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		perEvent(b, n)
	})
	b.Run("add/floor", func(b *testing.B) {
		n := 0
		b.ReportAllocs()
		for b.Loop() {
			pipe := c.Pipeline()
			for _, o := range values {
				pipe.XAdd(b.Context(), &redis.XAddArgs{
					Stream: "orders", MaxLen: 10_000, Approx: true, Values: []any{"number", o.Number, "shop", o.Shop, "paid", o.Paid},
				})
			}
			if _, err := pipe.Exec(b.Context()); err != nil {
				b.Fatal(err)
			}
			n += len(values)
		}
		perEvent(b, n)
	})
}
