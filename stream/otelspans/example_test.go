package otelspans_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/otelspans"
)

// Orders carry the trace of the request that made them, and the batch that they come in goes on in
// it. A service has an exporter of OTLP where this has one that keeps spans.
func ExampleNew() {
	type order struct {
		ID          string
		Traceparent string
	}
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))

	p := stream.New("orders")
	p.From(source.Slice([]order{{"o-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}), stream.Name("orders"),
		stream.TraceParent(func(o order) string { return o.Traceparent })).
		To(sink.Discard[order](), stream.Name("books"))
	err := p.Run(context.Background(), stream.Observe(otelspans.New(provider)), stream.SampleBatches(0))
	if err != nil {
		fmt.Println(err)
	}
	for _, s := range spans.GetSpans() { // as they ended
		if s.Name != "run orders" {
			fmt.Println(s.Name, "in trace", s.SpanContext.TraceID())
		}
	}
	// Output:
	// write books in trace 4bf92f3577b34da6a3ce929d0e0e4736
	// batch orders in trace 4bf92f3577b34da6a3ce929d0e0e4736
}

// What is logged with the context of a span has its ids.
func ExampleHandler() {
	log := slog.New(otelspans.Handler(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})))
	span := api.NewSpanContext(api.SpanContextConfig{TraceID: api.TraceID{0x4b, 0xf9}, SpanID: api.SpanID{0xf0}})
	log.InfoContext(api.ContextWithSpanContext(context.Background(), span), "paid", "order", "o-1")
	// Output:
	// level=INFO msg=paid order=o-1 trace_id=4bf90000000000000000000000000000 span_id=f000000000000000
}
