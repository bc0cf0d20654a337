package otelstats_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric"
	sent "go.opentelemetry.io/proto/otlp/metrics/v1"

	"github.com/freshet-go/freshet/internal/otlptest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/otelstats"
	"github.com/freshet-go/freshet/window"
)

func counts(name string) *stream.Pipeline {
	p := stream.New(name)
	p.From(source.Generate(20_000, func(i int64) int64 { return i }, source.Partitions(3)), stream.Name("numbers")).
		EventTime(func(i int64) time.Time { return time.UnixMilli(i) }, stream.Disorder(time.Second)).
		KeyBy(func(i int64) int64 { return i % 7 }).
		Window(window.Tumbling(time.Second)).Count(stream.Name("counts")).
		To(sink.Discard[stream.Pane[int64, int64]](), stream.Name("out"))
	return p
}

// received returns what a receiver of OTLP gets of a pipeline.
func received(t *testing.T, p ...*otelstats.Producer) map[string]*sent.Metric {
	t.Helper()
	to := otlptest.Start(t)
	exporter, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpoint(to.Endpoint), otlpmetrichttp.WithInsecure())
	require.NoError(t, err)
	opts := []metric.PeriodicReaderOption{metric.WithInterval(time.Hour)}
	for _, x := range p {
		opts = append(opts, metric.WithProducer(x))
	}
	provider := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(exporter, opts...)))
	require.NoError(t, provider.ForceFlush(t.Context()))
	require.NoError(t, provider.Shutdown(t.Context()))
	return to.Metrics()
}

// What a receiver of OTLP is sent is what Stats say.
func TestReceived(t *testing.T) {
	p := counts("counts")
	require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), time.Millisecond)))
	s := p.Stats()
	got := received(t, otelstats.New(p))

	out := got["freshet.operator.output_events"]
	require.Equal(t, "{event}", out.Unit)
	require.True(t, out.GetSum().IsMonotonic)
	require.Equal(t, sent.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE, out.GetSum().AggregationTemporality)
	require.Len(t, out.GetSum().DataPoints, len(s.Operators))
	for _, d := range out.GetSum().DataPoints {
		of := otlptest.Attributes(d.Attributes)
		name, _ := of["freshet.operator"].(string)
		sum, ok := s.Operator(name)
		require.True(t, ok)
		require.Equal(t, "counts", of["freshet.pipeline"])
		require.EqualValues(t, sum.Out, d.GetAsDouble())
		require.InDelta(t, float64(time.Now().Unix()), float64(d.StartTimeUnixNano)/1e9, 60)
		require.Greater(t, d.TimeUnixNano, d.StartTimeUnixNano)
	}
	require.Len(t, got["freshet.partition.events"].GetSum().DataPoints, 3)
	require.EqualValues(t, 0, got["freshet.pipeline.running"].GetGauge().DataPoints[0].GetAsDouble())
	require.Equal(t, "By", got["freshet.checkpoint.state"].Unit)
	require.EqualValues(t, s.Checkpoints.Bytes, got["freshet.checkpoint.state"].GetGauge().DataPoints[0].GetAsDouble())

	h := got["freshet.checkpoint.duration"].GetExponentialHistogram().DataPoints[0]
	require.EqualValues(t, s.Checkpoints.Made, h.Count)
	require.InDelta(t, s.Checkpoints.Durations.Sum(), h.GetSum(), 1e-12)
	require.EqualValues(t, 3, h.Scale)
	want := map[int]int64{}
	for most, n := range s.Checkpoints.Durations.Buckets() {
		i := -400
		for math.Pow(2, float64(i+1)/8) < most.Seconds() { // bucket i is (2^(i/8), 2^((i+1)/8)]
			i++
		}
		want[i] += n
	}
	buckets := map[int]int64{}
	for k, n := range h.Positive.BucketCounts {
		if n > 0 {
			buckets[int(h.Positive.Offset)+k] = int64(n)
		}
	}
	require.Equal(t, want, buckets)
	require.EqualValues(t, 0, got["freshet.sink.latency"].GetExponentialHistogram().DataPoints[0].ZeroCount)
}

// With bounds the histograms have explicit ones, and buckets add up.
func TestExplicitBounds(t *testing.T) {
	p := counts("counts")
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Millisecond)))
	h := received(t, otelstats.New(p, otelstats.Bounds(1e-5, 1e-3, 1e-1)))["freshet.checkpoint.duration"].GetHistogram().DataPoints[0]
	require.Equal(t, []float64{1e-5, 1e-3, 1e-1}, h.ExplicitBounds)
	require.Len(t, h.BucketCounts, 4)
	var sum uint64
	for _, n := range h.BucketCounts {
		sum += n
	}
	require.Equal(t, h.Count, sum)
	require.EqualValues(t, p.Stats().Checkpoints.Made, sum)
	for _, f := range []func(){
		func() { otelstats.Bounds() }, func() { otelstats.Bounds(1, 1) }, func() { otelstats.Bounds(math.NaN()) },
		func() { otelstats.Partitions(-1) }, func() { otelstats.New(nil) }, func() { otelstats.New(p, nil) },
	} {
		require.Panics(t, f)
	}
}

// Two pipelines are sent beside each other, one that has not run yet among them; partitions
// are bounded.
func TestTwo(t *testing.T) {
	p := counts("counts")
	require.NoError(t, p.Run(t.Context()))
	got := received(t, otelstats.New(p, otelstats.Partitions(2)))
	require.Len(t, got["freshet.partition.events"].GetSum().DataPoints, 2)
	require.NotContains(t, got, "freshet.checkpoint.duration", "there are no checkpoints")
	got = received(t, otelstats.New(stream.New("never")), otelstats.New(p))
	require.Contains(t, got, "freshet.operator.output_events")
	got = received(t, otelstats.New(stream.New("never")))
	require.Len(t, got, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := otelstats.New(p).Produce(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
