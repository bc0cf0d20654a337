package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/otlptest"
	"github.com/freshet-go/freshet/internal/promtest"
	"github.com/freshet-go/freshet/stream/promstats"
)

// started runs the program and returns where its metrics are, and what ends it.
func started(t *testing.T, c settings) (addr string, end func() (out, log string)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	r, w := io.Pipe()
	var log bytes.Buffer
	done := make(chan error, 1)
	go func() {
		err := run(ctx, w, &log, c)
		w.CloseWithError(io.EOF)
		done <- err
	}()
	first := make([]byte, 200)
	n, err := r.Read(first)
	if err != nil {
		t.Fatal(err, <-done)
	}
	addr = regexp.MustCompile(`http://(.*)/metrics`).FindStringSubmatch(string(first[:n]))[1]
	return addr, func() (string, string) {
		if c.lasts == 0 {
			stop()
		}
		rest, _ := io.ReadAll(r)
		if err := <-done; err != nil {
			t.Error(err)
		}
		return string(rest), log.String()
	}
}

// Debian's Prometheus scrapes the program while it runs, and the alert for its failures fires.
func TestScraped(t *testing.T) {
	addr, end := started(t, settings{listen: "127.0.0.1:0", rate: 20_000})
	prom := promtest.Start(t, addr, promstats.Rules())
	one := func(s []promtest.Sample) bool { return len(s) == 1 }
	prom.Until(`rate(freshet_operator_output_events_total{pipeline="takings",operator="orders"}[2s]) > 2000`, one)
	prom.Until(`rate(freshet_operator_input_events_total{operator="books"}[5s]) > 0`, one)
	prom.Until(`freshet_checkpoint_completed_total > 2`, one)
	prom.Until(`abs(time() - freshet_operator_watermark_timestamp_seconds{operator="books"}) < 10`, one)
	prom.Until(`ALERTS{alertname="FreshetFailures",alertstate="firing",operator="priced"}`, one)
	if firing, broken := prom.Alerts(); len(firing) != 1 || len(broken) != 0 {
		t.Errorf("firing %v, broken %v", firing, broken)
	}
	page := get(t, addr)
	promtest.Tool(t, []byte(page), "check", "metrics")
	out, _ := end()
	if !regexp.MustCompile(`^\d+ orders, [1-9]\d* of them without a price, [1-9]\d* checkpoints\n$`).MatchString(out) {
		t.Errorf("it prints %q", out)
	}
}

// get returns what is ours of a page of metrics.
func get(t *testing.T, addr string) string {
	t.Helper()
	r, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var ours strings.Builder
	for line := range strings.Lines(string(page)) {
		if strings.Contains(line, "freshet_") {
			ours.WriteString(line)
		}
	}
	return ours.String()
}

// A receiver of OTLP gets spans of the run, its checkpoints and some batches, and metrics.
func TestSent(t *testing.T) {
	to := otlptest.Start(t)
	_, end := started(t, settings{listen: "127.0.0.1:0", rate: 5000, otlp: to.Endpoint, lasts: 1500 * time.Millisecond})
	_, log := end()
	names := map[string]int{}
	for _, s := range to.Spans() {
		names[s.Name]++
	}
	if names["run takings"] != 1 || names["checkpoint"] == 0 || names["batch orders"] == 0 {
		t.Errorf("spans %v", names)
	}
	if m := to.Metrics()["freshet.operator.output_events"]; m == nil || len(m.GetSum().DataPoints) != 7 {
		t.Errorf("metrics: %v", m)
	}
	if !strings.Contains(log, `msg=stopping`) || !strings.Contains(log, "trace_id=") {
		t.Errorf("the log is %s", log)
	}
}

// An address that is taken, and a receiver that is away, harm nobody else.
func TestFaults(t *testing.T) {
	addr, end := started(t, settings{listen: "127.0.0.1:0", rate: 100})
	defer end()
	if err := run(t.Context(), io.Discard, io.Discard, settings{listen: addr, rate: 100}); err == nil {
		t.Error("two listen on one address")
	}
}
