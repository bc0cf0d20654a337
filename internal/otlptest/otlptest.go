// Package otlptest is a receiver of OTLP over HTTP in the test's own process.
package otlptest

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metric "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A Receiver keeps what it is sent.
type Receiver struct {
	Endpoint string // host and port

	mu      sync.Mutex
	spans   []*trace.Span
	metrics map[string]*metric.Metric // the last of each name
}

// Start starts a receiver that ends with the test.
func Start(t testing.TB) *Receiver {
	r := &Receiver{metrics: map[string]*metric.Metric{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, in *http.Request) {
		receive(t, w, in, new(traces.ExportTraceServiceRequest), r.traces)
	})
	mux.HandleFunc("POST /v1/metrics", func(w http.ResponseWriter, in *http.Request) {
		receive(t, w, in, new(metrics.ExportMetricsServiceRequest), r.values)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r.Endpoint = strings.TrimPrefix(server.URL, "http://")
	return r
}

func receive[M proto.Message](t testing.TB, w http.ResponseWriter, in *http.Request, m M, take func(M)) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return // the sender has gone: what it sends when it is shut down cuts off what it was sending
	}
	if err := proto.Unmarshal(body, m); err != nil {
		t.Errorf("otlptest: %s: %v", in.URL.Path, err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	take(m)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (r *Receiver) traces(m *traces.ExportTraceServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range m.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			r.spans = append(r.spans, scope.Spans...)
		}
	}
}

func (r *Receiver) values(m *metrics.ExportMetricsServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range m.ResourceMetrics {
		for _, scope := range of.ScopeMetrics {
			for _, x := range scope.Metrics {
				r.metrics[x.Name] = x
			}
		}
	}
}

// Spans returns those that have come so far, in the order in which they came.
func (r *Receiver) Spans() []*trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*trace.Span(nil), r.spans...)
}

// Metrics returns what has come last of each name.
func (r *Receiver) Metrics() map[string]*metric.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]*metric.Metric{}
	for name, m := range r.metrics {
		all[name] = m
	}
	return all
}

// ID writes an id of a trace or a span as logs do.
func ID(id []byte) string { return hex.EncodeToString(id) }

// Attributes returns attributes by key.
func Attributes(all []*common.KeyValue) map[string]any {
	m := map[string]any{}
	for _, a := range all {
		switch v := a.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			m[a.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			m[a.Key] = v.IntValue
		case *common.AnyValue_DoubleValue:
			m[a.Key] = v.DoubleValue
		case *common.AnyValue_BoolValue:
			m[a.Key] = v.BoolValue
		}
	}
	return m
}
