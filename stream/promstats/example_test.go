package promstats_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/promstats"
)

// A service that has a registry adds a Collector for each of its pipelines.
func ExampleNew() {
	p := stream.New("orders")
	p.From(source.Slice([]int{12, -3, 7}), stream.Name("orders")).
		Filter(func(cents int) bool { return cents > 0 }, stream.Name("sales")).
		To(sink.Discard[int](), stream.Name("out"))

	registry := prometheus.NewRegistry()
	registry.MustRegister(promstats.New(p))
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer server.Close()

	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	answer, err := http.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	page, _ := io.ReadAll(answer.Body)
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "freshet_operator_output_events_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// freshet_operator_output_events_total{kind="filter",operator="sales",pipeline="orders"} 2
	// freshet_operator_output_events_total{kind="sink",operator="out",pipeline="orders"} 0
	// freshet_operator_output_events_total{kind="source",operator="orders",pipeline="orders"} 3
}

// Rules are written to where Prometheus looks for them.
func ExampleRules() {
	for line := range strings.Lines(promstats.Rules()) {
		if strings.Contains(line, "alert:") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// - alert: FreshetNotRunning
	// - alert: FreshetRestarting
	// - alert: FreshetNoCheckpoint
	// - alert: FreshetCheckpointsFail
	// - alert: FreshetWatermarkStandsStill
	// - alert: FreshetBackPressure
	// - alert: FreshetFailures
	// - alert: FreshetLateDrops
	// - alert: FreshetFarAhead
}
