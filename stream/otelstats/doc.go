// Package otelstats shows OpenTelemetry what a pipeline does: a Producer for each
// pipeline, which asks its Stats when a metric reader collects and at no other time.
//
//	reader := metric.NewPeriodicReader(exporter, metric.WithProducer(otelstats.New(p)))
//	provider := metric.NewMeterProvider(metric.WithReader(reader))
//	defer provider.Shutdown(ctx)
//	err := p.Run(ctx, …)
//
// It is a producer and no set of instruments, as the run has counted already: what it
// hands over is whole, histograms included, and views do not apply.
//
// Metrics begin with freshet. and attributes with freshet. as well: freshet.pipeline is the
// pipeline's name, and freshet.operator, freshet.partition and others say what a value is
// of. Units are s, By, {event} and {batch}. The page docs/observe.md has the list.
//
// Sums and histograms are cumulative: they begin with the run, a restart after a
// failure included, which is what their start times say.
//
// Latency and the durations of checkpoints are exponential histograms of scale 3, or ones with
// explicit bounds: see Bounds. Their counts and sums are exact, and each
// duration is at most an eighth shorter than the upper end of the run's bucket that it is in, by
// which it is counted.
//
// # When not to use it
//
// Where Prometheus scrapes, package stream/promstats needs no exporter. For spans there is
// stream/otelspans.
package otelstats
