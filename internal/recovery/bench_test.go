package recovery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

const million = 1_000_000

// smoke returns n, and with -short a hundredth of it: such a run shows that a
// benchmark works, not how fast anything is.
func smoke(n int) int {
	if testing.Short() {
		return n / 100
	}
	return n
}

type sale struct {
	product int64
	cents   int64
	at      int64 // microseconds
}

func (s sale) of() int64       { return s.product }
func (s sale) amount() int64   { return s.cents }
func (s sale) time() time.Time { return time.UnixMicro(s.at) }

func saleOf(i int64) sale { return sale{i * 7_368_787 % million, i & 1023, i} }

// fewSaleOf is saleOf, but once each product has been sold only one in a hundred is sold again.
func fewSaleOf(i int64) sale {
	s := saleOf(i)
	if i >= million {
		s.product -= s.product % 100
	}
	return s
}

// hour adds up n sales of a million products in windows of an hour.
func hour(n int64, of func(int64) sale, opts ...source.GenerateOption) *stream.Pipeline {
	p := stream.New("hour")
	p.From(source.Generate(n, of, opts...)).
		EventTime(sale.time, stream.Disorder(time.Second)).
		KeyBy(sale.of).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(sale.amount)).
		To(sink.Discard[stream.Pane[int64, int64]]())
	return p
}

// Throughput with a million keys and a checkpoint each second, against the
// same pipeline without. What a checkpoint takes of the processor says the same where
// others use the machine, too: 20 ms on each of two cores are 2 % of a second.
func BenchmarkCheckpointEachSecond(b *testing.B) { eachSecond(b, saleOf) }

// The same with one key in a hundred that changes between two checkpoints.
func BenchmarkCheckpointFewChange(b *testing.B) { eachSecond(b, fewSaleOf) }

func eachSecond(b *testing.B, of func(int64) sale) {
	n := int64(smoke(240 * million))
	type cost struct{ wall, processor time.Duration }
	run := func(to *cost, opts ...stream.RunOption) stream.CheckpointStats {
		p := hour(n, of, source.Partitions(2))
		start, used := time.Now(), benchcpu.Used(b)
		require.NoError(b, p.Run(b.Context(), opts...))
		to.wall += time.Since(start)
		to.processor += benchcpu.Used(b) - used
		return p.Stats().Checkpoints
	}
	var with, without cost
	var stats stream.CheckpointStats
	made := 0.0
	for range b.N {
		run(&without)
		stats = run(&with, stream.Checkpoints(checkpoint.Dir(b.TempDir()), time.Second))
		made += float64(stats.Made)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(without.wall.Nanoseconds())/float64(n*int64(b.N)), "floor-ns/event")
	b.ReportMetric(float64(with.wall.Nanoseconds())/float64(n*int64(b.N)), "ns/event")
	b.ReportMetric(float64(with.wall)/float64(without.wall), "ratio")
	b.ReportMetric(float64(stats.Made), "checkpoints")
	b.ReportMetric((with.processor-without.processor).Seconds()*1000/max(made, 1), "cpu-ms/checkpoint")
}

// Latency from source to sink under a steady load, with a million keys and a
// checkpoint each second.
func BenchmarkPauseOfCheckpoints(b *testing.B) {
	for range b.N {
		for _, every := range []time.Duration{time.Hour, time.Second} {
			const rate = 600_000
			n := int64(smoke(5 * rate))
			p := stream.New("totals")
			p.From(source.Generate(n, func(i int64) int64 { return i * 7_368_787 % million }, source.Rate(rate))).
				KeyBy(func(i int64) int64 { return i }).
				Running(window.Count[int64]()).
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

// How much a checkpoint writes when part of a million keys has changed at
// random since the last one, and how long it takes; how long a restore takes until
// the first result has reached the sink.
func BenchmarkMillionKeys(b *testing.B) {
	for range b.N {
		store := checkpoint.Dir(b.TempDir())
		s := newSteps()
		p := counting(s, func(stream.KeyValue[int64, int64]) {})
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, stream.Checkpoints(store, time.Hour)) }()
		take := func(keys []int64) stream.CheckpointStats {
			s.give(ctx, keys)
			_, err := p.Savepoint(ctx, "next")
			require.NoError(b, err)
			return p.Stats().Checkpoints
		}
		keys := smoke(million)
		stats := take(upTo(keys))
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		b.ReportMetric(float64(stats.Bytes)/float64(keys), "B/key")
		b.ReportMetric(ms(stats.Duration), "checkpoint-ms")
		all := stats.Bytes
		rng := rand.New(rand.NewPCG(1, 2))
		for _, part := range []struct {
			name           string
			changed, turns int
		}{{"0.1%", keys / 1000, 150}, {"1%", keys / 100, 100}, {"10%", keys / 10, 30}} {
			var written int64
			var lasted time.Duration
			if testing.Short() {
				part.turns = 3
			}
			for range part.turns {
				stats := take(some(rng, part.changed, keys))
				written += stats.Written
				lasted += stats.Duration
			}
			turns := float64(part.turns)
			b.ReportMetric(100*float64(written)/float64(all)/turns, "written-%-of-"+part.name)
			b.ReportMetric(ms(lasted)/turns, "ms-of-"+part.name)
		}
		cancel()
		require.ErrorIs(b, <-ended, context.Canceled)
		manifests, err := checkpoint.Inspect(store)
		require.NoError(b, err)
		manifest, err := store.Read(fmt.Sprintf("manifest-%012d", manifests[0].ID))
		require.NoError(b, err)
		b.ReportMetric(float64(len(manifest))/1000, "manifest-kB")

		first := make(chan time.Duration, 1)
		start := time.Now()
		s = newSteps()
		p = counting(s, func(stream.KeyValue[int64, int64]) {
			select {
			case first <- time.Since(start):
			default:
			}
		})
		ctx, cancel = context.WithCancel(b.Context())
		go func() { ended <- p.Run(ctx, stream.Checkpoints(store, time.Hour)) }()
		s.give(ctx, upTo(1))
		b.ReportMetric(ms(<-first), "restore-ms")
		cancel()
		require.ErrorIs(b, <-ended, context.Canceled)
	}
	b.ReportMetric(0, "ns/op")
}
