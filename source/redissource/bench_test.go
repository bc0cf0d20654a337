package redissource_test

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
)

const benchEntries = 100_000

func benchStream(b *testing.B) *redis.Client {
	c := redistest.Start(b).Client()
	for from := 0; from < benchEntries; from += 1000 {
		pipe := c.Pipeline()
		for i := range 1000 {
			pipe.XAdd(b.Context(), &redis.XAddArgs{Stream: "orders", Values: []any{"number", from + i, "shop", "north", "paid", true}})
		}
		if _, err := pipe.Exec(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return c
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

// drain reads all of a source, and acknowledges each 10,000.
func drain(b *testing.B, src stream.Source[order]) (n int) {
	readers, err := src.Open(&stream.SourceContext{Context: b.Context(), BatchSize: 512})
	if err != nil {
		b.Fatal(err)
	}
	r := readers[0]
	defer r.Close()
	for last := 0; ; {
		in := stream.NewIntake[order](512)
		err := r.Read(b.Context(), in)
		n += in.Len()
		if a, ok := r.(stream.Acknowledger); ok && (n-last >= 10_000 || err != nil) {
			last = n
			if err := a.Commit(b.Context(), r.Offset()); err != nil {
				b.Fatal(err)
			}
		}
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStreams reads a stream, and acknowledges it where it is a group's. The floor is
// go-redis's own loop.
func BenchmarkStreams(b *testing.B) {
	c := benchStream(b)
	name := fresh("group")
	b.Run("group", func(b *testing.B) {
		n, start := 0, cpu()
		for b.Loop() {
			n += drain(b, redissource.Group(c, name(), "one", []string{"orders"}, redissource.Tags[order](), redissource.Bounded()))
		}
		perEvent(b, n, start)
	})
	b.Run("group/floor", func(b *testing.B) {
		n, start := 0, cpu()
		for b.Loop() {
			n += floorGroup(b, c, name())
		}
		perEvent(b, n, start)
	})
	b.Run("ids", func(b *testing.B) {
		n, start := 0, cpu()
		for b.Loop() {
			n += drain(b, redissource.Streams(c, []string{"orders"}, redissource.Tags[order](), redissource.Bounded()))
		}
		perEvent(b, n, start)
	})
	b.Run("ids/floor", func(b *testing.B) {
		n, start := 0, cpu()
		for b.Loop() {
			last := "0-0"
			for {
				got, err := c.XRead(b.Context(), &redis.XReadArgs{Streams: []string{"orders", last}, Count: 1000, Block: -1}).Result()
				if err == redis.Nil {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				for _, m := range got[0].Messages {
					sinkOf(m)
					last = m.ID
					n++
				}
			}
		}
		perEvent(b, n, start)
	})
}

var seen order

func sinkOf(m redis.XMessage) {
	seen.ID = m.ID
	seen.Number, _ = strconv.ParseInt(m.Values["number"].(string), 10, 64)
	seen.Shop = m.Values["shop"].(string)
	seen.Paid = m.Values["paid"].(string) == "1"
}

func floorGroup(b *testing.B, c *redis.Client, group string) (n int) {
	if err := c.XGroupCreate(b.Context(), "orders", group, "0").Err(); err != nil {
		b.Fatal(err)
	}
	ids := make([]string, 0, 1000)
	for {
		got, err := c.XReadGroup(b.Context(), &redis.XReadGroupArgs{Group: group, Consumer: "one", Streams: []string{"orders", ">"}, Count: 1000, Block: -1}).Result()
		if err == redis.Nil {
			return n
		}
		if err != nil {
			b.Fatal(fmt.Errorf("group %s: %w", group, err))
		}
		ids = ids[:0]
		for _, m := range got[0].Messages {
			sinkOf(m)
			ids = append(ids, m.ID)
			n++
		}
		if err := c.XAck(b.Context(), "orders", group, ids...).Err(); err != nil {
			b.Fatal(err)
		}
	}
}
