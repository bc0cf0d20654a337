package redissink_test

import (
	"syscall"
	"testing"
	"time"

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

// cpu returns the processor time that the process has taken. Beside others that keep the processors busy it says more than
// the time on the wall.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perEvent(b *testing.B, n int, start time.Duration) {
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/event")
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
		n, start := 0, cpu()
		b.ReportAllocs()
		for b.Loop() {
			if err := w.Write(b.Context(), in.Batch()); err != nil {
				b.Fatal(err)
			}
			n += len(values)
		}
		perEvent(b, n, start)
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
		n, start := 0, cpu()
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
		perEvent(b, n, start)
	})
	b.Run("add/floor", func(b *testing.B) {
		n, start := 0, cpu()
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
		perEvent(b, n, start)
	})
}
