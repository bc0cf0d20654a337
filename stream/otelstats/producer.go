package otelstats

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/internal/figures"
)

// scope is who the metrics are of.
const scope = "github.com/freshet-go/freshet/stream/otelstats"

// A Producer is a metric.Producer of one pipeline. Any goroutine may call it, before, while
// and after the pipeline runs.
type Producer struct {
	pipeline *stream.Pipeline
	reading  *figures.Reading
	bounds   []float64
	now      func() time.Time
}

// New returns a Producer of p, for metric.WithProducer, which may be given several times.
func New(p *stream.Pipeline, opts ...Option) *Producer {
	if p == nil {
		panic("otelstats: New of a nil Pipeline")
	}
	c := config{partitions: 100}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("otelstats: New: option %d is nil", i+1))
		}
		o(&c)
	}
	return &Producer{pipeline: p, reading: figures.NewReading(c.partitions), bounds: c.bounds, now: time.Now}
}

// An Option says how New differs from the plain one.
type Option func(*config)

type config struct {
	partitions int
	bounds     []float64 // nil for exponential histograms
}

// Partitions sets how many partitions of each source have data points of their own: those
// that were met first, for as long as the Producer lives. freshet.operator.partitions
// counts all. The default is 100. It panics if n is negative.
func Partitions(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("otelstats: Partitions(%d): negative", n))
	}
	return func(c *config) { c.partitions = n }
}

// Bounds has histograms be ones with explicit bounds, in seconds, for receivers that do not
// know exponential ones. A duration that is in the same of the run's buckets as
// a bound may be counted above it. The default is exponential histograms. It panics if there are none or
// they do not ascend.
func Bounds(seconds ...float64) Option {
	if len(seconds) == 0 {
		panic("otelstats: Bounds: there are none")
	}
	for i, s := range seconds {
		if i > 0 && !(s > seconds[i-1]) || s != s {
			panic(fmt.Sprintf("otelstats: Bounds: %v follows %v: want bounds that ascend", s, seconds[max(i-1, 0)]))
		}
	}
	return func(c *config) { c.bounds = slices.Clone(seconds) }
}

// Produce is for metric readers.
func (p *Producer) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, now := p.pipeline.Stats(), p.now()
	all := figures.All()
	points := make([]data, len(all))
	of := attribute.String("freshet.pipeline", figures.Name(p.pipeline.Name()))
	span := times{now.Add(-s.Elapsed), now}
	p.reading.Of(s, now, func(x figures.Point) {
		set := []attribute.KeyValue{of}
		for i, v := range x.Labels {
			set = append(set, attribute.String("freshet."+all[x.Figure].Labels[i], v))
		}
		points[x.Figure].add(&x, attribute.NewSet(set...), span, p.bounds)
	})
	sm := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: scope}}
	for i, f := range all {
		if a := points[i].aggregation(f); a != nil {
			sm.Metrics = append(sm.Metrics, metricdata.Metrics{Name: f.OpenTelemetry(), Description: f.Help + ".", Unit: f.Unit.UCUM(), Data: a})
		}
	}
	return []metricdata.ScopeMetrics{sm}, nil
}
