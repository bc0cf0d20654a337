//go:build unix

package otelspans_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/otelspans"
	"github.com/freshet-go/freshet/window"
)

// What observers cost a pipeline at full load, in processor time: none, one that is told of the run and of its checkpoints, one that follows a batch
// a second, and one that follows all of them. Spans are made, recorded and dropped.
func BenchmarkObserved(b *testing.B) {
	events := int64(1 << 23)
	if testing.Short() { // a smoke run
		events = 1 << 17
	}
	run := func(opts ...stream.RunOption) func() {
		return func() {
			opts := append(opts[:len(opts):len(opts)], stream.Checkpoints(checkpoint.Memory(), 100*time.Millisecond)) // of its own: or it would go on at the end
			p := stream.New("observed")
			p.From(source.Generate(events, func(i int64) int64 { return i }, source.Partitions(2))).
				EventTime(func(i int64) time.Time { return time.UnixMilli(i) }, stream.Disorder(time.Second)).
				KeyBy(func(i int64) int64 { return i % 10_000 }).
				Window(window.Tumbling(time.Minute)).Count().
				To(sink.Discard[stream.Pane[int64, int64]]())
			require.NoError(b, p.Run(b.Context(), opts...))
		}
	}
	spans := stream.Observe(otelspans.New(trace.NewTracerProvider()))
	benchcpu.Compare(b, int(events), []benchcpu.Variant{
		{Name: "none", Run: run()}, {Name: "none-again", Run: run()}, {Name: "spans", Run: run(spans)}, {Name: "batch-a-second", Run: run(spans, stream.SampleBatches(time.Second))}, {Name: "all-batches", Run: run(spans, stream.SampleBatches(0))},
	})
}
