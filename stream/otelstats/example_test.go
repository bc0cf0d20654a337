package otelstats_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/otelstats"
)

// A reader collects by hand here; a service has metric.NewPeriodicReader with an exporter.
func ExampleNew() {
	p := stream.New("orders")
	p.From(source.Slice([]int{12, -3, 7}), stream.Name("orders")).
		Filter(func(cents int) bool { return cents > 0 }, stream.Name("sales")).
		To(sink.Discard[int](), stream.Name("out"))
	reader := metric.NewManualReader(metric.WithProducer(otelstats.New(p)))
	ctx := context.Background()
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	defer provider.Shutdown(ctx)

	if err := p.Run(ctx); err != nil {
		fmt.Println(err)
	}
	var got metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &got); err != nil {
		fmt.Println(err)
	}
	for _, m := range got.ScopeMetrics[0].Metrics {
		if sum, ok := m.Data.(metricdata.Sum[float64]); ok && m.Name == "freshet.operator.output_events" {
			for _, d := range sum.DataPoints {
				operator, _ := d.Attributes.Value("freshet.operator")
				fmt.Println(operator.AsString(), d.Value, m.Unit)
			}
		}
	}
	// Output:
	// orders 3 {event}
	// sales 2 {event}
	// out 0 {event}
}
