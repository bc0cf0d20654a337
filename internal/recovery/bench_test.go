package recovery_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

const million = 1_000_000

type sale struct {
	product int64
	cents   int64
	at      int64 // microseconds
}

func (s sale) of() int64       { return s.product }
func (s sale) amount() int64   { return s.cents }
func (s sale) time() time.Time { return time.UnixMicro(s.at) }

func saleOf(i int64) sale { return sale{i * 7_368_787 % million, i & 1023, i} }

// hour adds up n sales of a million products in windows of an hour.
func hour(n int64, opts ...source.GenerateOption) *stream.Pipeline {
	p := stream.New("hour")
	p.From(source.Generate(n, saleOf, opts...)).
		EventTime(sale.time, stream.Disorder(time.Second)).
		KeyBy(sale.of).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(sale.amount)).
		To(sink.Discard[stream.Pane[int64, int64]]())
	return p
}

// Throughput with a million keys and a checkpoint each second, against the
// same pipeline without.
func BenchmarkCheckpointEachSecond(b *testing.B) {
	const n = 80 * million
	run := func(opts ...stream.RunOption) (time.Duration, stream.CheckpointStats) {
		p := hour(n, source.Partitions(2))
		start := time.Now()
		require.NoError(b, p.Run(b.Context(), opts...))
		return time.Since(start), p.Stats().Checkpoints
	}
	var with, without time.Duration
	var stats stream.CheckpointStats
	for range b.N {
		d, _ := run()
		without += d
		d, stats = run(stream.Checkpoints(checkpoint.Dir(b.TempDir()), time.Second))
		with += d
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(without.Nanoseconds())/float64(n*b.N), "floor-ns/event")
	b.ReportMetric(float64(with.Nanoseconds())/float64(n*b.N), "ns/event")
	b.ReportMetric(float64(with)/float64(without), "ratio")
	b.ReportMetric(float64(stats.Made), "checkpoints")
}

// Latency from source to sink under a steady load, with a million keys and a
// checkpoint each second.
func BenchmarkPauseOfCheckpoints(b *testing.B) {
	for range b.N {
		for _, every := range []time.Duration{time.Hour, time.Second} {
			const rate = 600_000
			p := stream.New("totals")
			p.From(source.Generate(5*rate, func(i int64) int64 { return i * 7_368_787 % million }, source.Rate(rate))).
				KeyBy(func(i int64) int64 { return i }).
				Aggregate(window.Count[int64]()).
				To(sink.Discard[stream.KeyValue[int64, int64]](), stream.Name("out"))
			require.NoError(b, p.Run(b.Context(), stream.Checkpoints(checkpoint.Dir(b.TempDir()), every)))
			stats := p.Stats()
			var l stream.Latency
			for _, o := range stats.Operators {
				for _, i := range o.Instances {
					if o.Name == "out" {
						l.P99, l.P9999, l.Max = max(l.P99, i.Latency.P99), max(l.P9999, i.Latency.P9999), max(l.Max, i.Latency.Max)
					}
				}
			}
			name := ""
			if every == time.Hour {
				name = "floor-"
			}
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(ms(l.P99), name+"p99-ms")
			b.ReportMetric(ms(l.P9999), name+"p99.99-ms")
			b.ReportMetric(ms(l.Max), name+"max-ms")
			b.ReportMetric(float64(stats.Checkpoints.Made), name+"checkpoints")
			b.ReportMetric(ms(stats.Checkpoints.Duration), name+"last-ms")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// How long it takes until the first event is read, and how much is written
// when part of a million keys has changed.
func BenchmarkMillionKeys(b *testing.B) {
	for range b.N {
		store := checkpoint.Dir(b.TempDir())
		totals := func(n int64, read func(), every func(i int64) int64) *stream.Pipeline {
			p := stream.New("totals")
			p.From(source.Generate(n, func(i int64) int64 { read(); return every(i) })).
				KeyBy(func(i int64) int64 { return i }).
				Aggregate(window.Count[int64]()).
				To(sink.Discard[stream.KeyValue[int64, int64]]())
			return p
		}
		ctx, cancel := context.WithCancel(b.Context())
		var count atomic.Int64
		stop := func() {
			if count.Add(1) == million {
				cancel()
			}
		}
		p := totals(3*million, stop, func(i int64) int64 { return i % million })
		_ = p.Run(ctx, stream.Checkpoints(store, time.Hour)) // stopped
		b.ReportMetric(float64(p.Stats().Checkpoints.Bytes)/million, "B/key")
		b.ReportMetric(float64(p.Stats().Checkpoints.Duration.Milliseconds()), "checkpoint-ms")

		var first atomic.Int64
		start := time.Now()
		p = totals(3*million, func() { first.CompareAndSwap(0, int64(time.Since(start))) }, func(i int64) int64 { return i % 10_000 })
		require.NoError(b, p.Run(b.Context(), stream.Checkpoints(store, time.Hour)))
		b.ReportMetric(float64(first.Load())/1e6, "restore-ms")
	}
	b.ReportMetric(0, "ns/op")
}
