package promstats

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/internal/figures"
)

// A Collector is a prometheus.Collector of one pipeline. Any goroutine may call it, before,
// while and after the pipeline runs.
type Collector struct {
	pipeline *stream.Pipeline
	reading  *figures.Reading
	descs    []*prometheus.Desc
	bounds   []float64
	now      func() time.Time
}

// New returns a Collector of p. Registries take one for each pipeline, and refuse a second one
// for a pipeline of the same name.
func New(p *stream.Pipeline, opts ...Option) *Collector {
	if p == nil {
		panic("promstats: New of a nil Pipeline")
	}
	c := config{partitions: 100, bounds: defaultBounds}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("promstats: New: option %d is nil", i+1))
		}
		o(&c)
	}
	x := &Collector{pipeline: p, reading: figures.NewReading(c.partitions), bounds: c.bounds, now: time.Now}
	labels := prometheus.Labels{"pipeline": figures.Name(p.Name())}
	for _, f := range figures.All() {
		x.descs = append(x.descs, prometheus.NewDesc(f.Prometheus(), f.Help+".", f.Labels, labels))
	}
	return x
}

// An Option says how New differs from the plain one.
type Option func(*config)

type config struct {
	partitions int
	bounds     []float64
}

// Partitions sets of how many partitions of each source there are series: of those that were met
// first, for as long as the Collector lives, so that files that come and go do not make
// new series without end. freshet_operator_partitions counts all. The
// default is 100. It panics if n is negative.
func Partitions(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("promstats: Partitions(%d): negative", n))
	}
	return func(c *config) { c.partitions = n }
}

// defaultBounds are from what a pipeline in memory takes to what an outage does.
var defaultBounds = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

// Bounds sets the upper bounds of the buckets of classic histograms, in seconds. The
// default is 19 of them, from 100 µs to 5 minutes. It panics if they do not ascend.
func Bounds(seconds ...float64) Option {
	for i, s := range seconds {
		if i > 0 && !(s > seconds[i-1]) || s != s {
			panic(fmt.Sprintf("promstats: Bounds: %v follows %v: want bounds that ascend", s, seconds[max(i-1, 0)]))
		}
	}
	return func(c *config) { c.bounds = slices.Clone(seconds) }
}

// Describe is for registries.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		to <- d
	}
}

// Collect is for registries.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	s := c.pipeline.Stats()
	now := c.now()
	began := now.Add(-s.Elapsed)
	all := figures.All()
	c.reading.Of(s, now, func(p figures.Point) {
		desc := c.descs[p.Figure]
		switch all[p.Figure].Kind {
		case figures.Counter:
			m, err := prometheus.NewConstMetricWithCreatedTimestamp(desc, prometheus.CounterValue, p.Value, began, p.Labels...)
			to <- valid(m, desc, err)
		case figures.Gauge:
			m, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, p.Value, p.Labels...)
			to <- valid(m, desc, err)
		case figures.Histogram:
			to <- &histogram{desc: desc, labels: prometheus.MakeLabelPairs(desc, p.Labels), of: p.Durations, bounds: c.bounds, began: began}
		}
	})
}

// valid is a metric, or what has the scrape say why there is none.
func valid(m prometheus.Metric, desc *prometheus.Desc, err error) prometheus.Metric {
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}
