//go:build unix

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

	"github.com/freshet-go/freshet/internal/benchcpu"
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

// What scrapes cost a pipeline at full load, in processor time, the scrapes' own included: runs of some seconds without, with one a second, and
// with a hundred a second in turn. Prometheus scrapes once in 15 seconds.
func BenchmarkScraped(b *testing.B) {
	events := int64(1 << 25)
	if testing.Short() { // a smoke run
		events = 1 << 18
	}
	run := func(every time.Duration) func() {
		return func() {
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
	}
	benchcpu.Compare(b, int(events), []benchcpu.Variant{{Name: "none", Run: run(0)}, {Name: "each-second", Run: run(time.Second)}, {Name: "each-10ms", Run: run(10 * time.Millisecond)}})
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
