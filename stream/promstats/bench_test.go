package promstats_test

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/promstats"
	"github.com/freshet-go/freshet/window"
)

// scraping scrapes a registry so often, text and all, until it is told to end.
func scraping(b *testing.B, r *prometheus.Registry, every time.Duration) (end func()) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
				write(b, r)
			}
		}
	})
	return func() {
		close(over)
		wg.Wait()
	}
}

func write(b *testing.B, r *prometheus.Registry) {
	all, err := r.Gather()
	if err != nil {
		b.Error(err)
	}
	e := expfmt.NewEncoder(io.Discard, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range all {
		if err := e.Encode(f); err != nil {
			b.Error(err)
		}
	}
}

// What scrapes cost a pipeline at full load. Prometheus scrapes once in 15 seconds, so one in
// 100 ms is 150 times as often.
func BenchmarkScraped(b *testing.B) {
	const events = 1 << 22
	run := func(b *testing.B, every time.Duration) {
		for b.Loop() {
			p := stream.New("scraped")
			p.From(source.Generate(events, func(i int64) int64 { return i }, source.Partitions(2))).
				EventTime(func(i int64) time.Time { return time.UnixMilli(i) }, stream.Disorder(time.Second)).
				KeyBy(func(i int64) int64 { return i % 10_000 }).
				Window(window.Tumbling(time.Minute)).Count().
				To(sink.Discard[stream.Pane[int64, int64]]())
			end := func() {}
			if every > 0 {
				r := prometheus.NewRegistry()
				r.MustRegister(promstats.New(p))
				end = scraping(b, r, every)
			}
			require.NoError(b, p.Run(b.Context()))
			end()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events*b.N), "ns/event")
	}
	for _, every := range []time.Duration{0, 100 * time.Millisecond, 10 * time.Millisecond} {
		b.Run(fmt.Sprint("every=", every), func(b *testing.B) { run(b, every) })
	}
}

// What one scrape costs, by how many partitions there are.
func BenchmarkScrape(b *testing.B) {
	for _, partitions := range []int{1, 100} {
		b.Run(fmt.Sprint("partitions=", partitions), func(b *testing.B) {
			p := sums("scrape", 10_000, partitions)
			require.NoError(b, p.Run(b.Context(), stream.Shards(2)))
			r := prometheus.NewRegistry()
			r.MustRegister(promstats.New(p))
			b.ReportAllocs()
			for b.Loop() {
				write(b, r)
			}
		})
	}
}
