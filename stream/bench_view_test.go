package stream_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A question to a pipeline that counts 100,000 keys as fast as it can, on two shards: how long the answer takes, and how
// many events are counted a second meanwhile.
func BenchmarkView(b *testing.B) {
	const keys = 100_000
	var v stream.View[int64, int64]
	p := stream.New("asked")
	p.From(source.Generate(math.MaxInt64, func(i int64) int64 { return i * 7919 % keys })).
		KeyBy(func(k int64) int64 { return k }).
		Running(window.Count[int64](), stream.Expose(&v), stream.Name("count")).
		To(sink.Discard[stream.KeyValue[int64, int64]]())
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx, stream.Shards(2), stream.StopTimeout(time.Second)) }()
	counted := func() int64 {
		s, _ := p.Stats().Operator("count")
		return s.In
	}
	for counted() < 4*keys { // so that every key is known
		time.Sleep(time.Millisecond)
	}
	var took []time.Duration
	begun, before, k := time.Now(), counted(), int64(0)
	for b.Loop() {
		at := time.Now()
		if _, known, err := v.Get(ctx, k%keys); err != nil || !known {
			b.Fatal(known, err)
		}
		took = append(took, time.Since(at))
		k += 31
		time.Sleep(100 * time.Microsecond) // as somebody asks who is far away
	}
	events := float64(counted()-before) / time.Since(begun).Seconds()
	cancel()
	<-ended
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(events/1e6, "M-events/s")
}
