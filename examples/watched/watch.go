package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/otelspans"
	"github.com/freshet-go/freshet/stream/otelstats"
	"github.com/freshet-go/freshet/stream/promstats"
)

// A watching is all that watches a pipeline.
type watching struct {
	addr    net.Addr
	options []stream.RunOption
	closes  []func(context.Context) error
}

// watch serves the pipeline's metrics, and sends them and spans to where c says.
func watch(ctx context.Context, p *stream.Pipeline, log io.Writer, c settings) (*watching, error) {
	w := &watching{options: []stream.RunOption{
		stream.Checkpoints(checkpoint.Memory(), 500*time.Millisecond),
		stream.Logger(slog.New(otelspans.Handler(slog.NewTextHandler(log, nil)))),
	}}
	if err := w.serve(p, c.listen); err != nil {
		return nil, err
	}
	if c.otlp == "" {
		return w, nil
	}
	if err := w.send(ctx, p, c.otlp); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// serve has Prometheus scrape the pipeline.
func (w *watching) serve(p *stream.Pipeline, addr string) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(promstats.New(p))
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	w.addr = l.Addr()
	w.closes = append(w.closes, func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if e := <-served; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	})
	return nil
}

// send has an OTLP receiver get metrics each second, and spans, with those of a batch a second for
// each till.
func (w *watching) send(ctx context.Context, p *stream.Pipeline, to string) error {
	values, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpoint(to), otlpmetrichttp.WithInsecure())
	if err != nil {
		return err
	}
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(values,
		metric.WithInterval(time.Second), metric.WithProducer(otelstats.New(p)))))
	w.closes = append(w.closes, meters.Shutdown)
	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(to), otlptracehttp.WithInsecure())
	if err != nil {
		return err
	}
	tracers := trace.NewTracerProvider(trace.WithBatcher(spans))
	w.closes = append(w.closes, tracers.Shutdown)
	w.options = append(w.options, stream.Observe(otelspans.New(tracers)), stream.SampleBatches(time.Second))
	return nil
}

// close sends what has not been sent, and ends all, within five seconds.
func (w *watching) close() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for i := len(w.closes) - 1; i >= 0; i-- {
		err = errors.Join(err, w.closes[i](ctx))
	}
	return err
}
