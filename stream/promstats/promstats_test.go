package promstats_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/promtest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/promstats"
	"github.com/freshet-go/freshet/window"
)

type order struct {
	Shop int64
	At   time.Time
}

func (o order) shop() int64   { return o.Shop }
func (o order) at() time.Time { return o.At }

// sums is a pipeline with an exchange, windows, failures and late events, over n orders of
// so many partitions.
func sums(name string, n int64, partitions int, opts ...source.GenerateOption) *stream.Pipeline {
	p := stream.New(name)
	begin := time.Now()
	p.From(source.Generate(n, func(i int64) order {
		at := begin.Add(time.Duration(i) * 50 * time.Microsecond) // as Rate(20_000) has it
		if i%100 == 99 {
			at = at.Add(-time.Hour)
		}
		return order{i % 7, at}
	}, append(opts, source.Partitions(partitions))...), stream.Name("orders")).
		TryMap(func(_ context.Context, o order) (order, error) {
			if o.Shop == 6 {
				return o, fmt.Errorf("no such shop")
			}
			return o, nil
		}, stream.Name("known"), stream.SkipFailures()).
		EventTime(order.at, stream.Disorder(time.Second)).
		KeyBy(order.shop).
		Window(window.Tumbling(time.Second)).Count(stream.Name("counts")).
		To(sink.Discard[stream.Pane[int64, int64]](), stream.Name("out"))
	return p
}

func gather(t testing.TB, c *promstats.Collector) map[string]*dto.MetricFamily {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(c)
	all, err := r.Gather()
	require.NoError(t, err)
	families := map[string]*dto.MetricFamily{}
	for _, f := range all {
		families[f.GetName()] = f
	}
	return families
}

func labels(m *dto.Metric) map[string]string {
	all := map[string]string{}
	for _, l := range m.Label {
		all[l.GetName()] = l.GetValue()
	}
	return all
}

// value returns the one value of a metric whose labels are those given, and the pipeline's.
func value(t testing.TB, all map[string]*dto.MetricFamily, name string, with map[string]string) float64 {
	t.Helper()
	require.Contains(t, all, name)
	for _, m := range all[name].Metric {
		have := labels(m)
		delete(have, "pipeline")
		if maps.Equal(have, with) {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	t.Fatalf("%s has no %v", name, with)
	return 0
}

// What is shown of a run that is over is what its Stats say.
func TestAsStats(t *testing.T) {
	p := sums("sums", 20_000, 3)
	require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), time.Millisecond)))
	all, s := gather(t, promstats.New(p)), p.Stats()
	for _, o := range s.Operators {
		sum, _ := s.Operator(o.Name)
		of := map[string]string{"operator": o.Name, "kind": o.Kind}
		with := func(name, v string) map[string]string {
			x := maps.Clone(of)
			x[name] = v
			return x
		}
		require.EqualValues(t, sum.In, value(t, all, "freshet_operator_input_events_total", of))
		require.EqualValues(t, sum.Out, value(t, all, "freshet_operator_output_events_total", of))
		require.EqualValues(t, sum.Failed, value(t, all, "freshet_operator_failed_events_total", of))
		require.EqualValues(t, sum.Late, value(t, all, "freshet_operator_late_events_total", of))
		require.EqualValues(t, sum.Kept, value(t, all, "freshet_operator_kept_late_events_total", of))
		require.EqualValues(t, sum.TooLate-sum.Kept, value(t, all, "freshet_operator_dropped_events_total", with("reason", "too_late")))
		require.EqualValues(t, sum.Keys, value(t, all, "freshet_operator_keys", of))
		require.EqualValues(t, o.StateBytes, value(t, all, "freshet_operator_state_bytes", of))
		for state, d := range map[string]time.Duration{"busy": sum.Busy, "idle": sum.Idle, "backpressured": sum.BackPressured} {
			require.InDelta(t, d.Seconds(), value(t, all, "freshet_operator_time_seconds_total", with("state", state)), 1e-9)
		}
	}
	known, _ := s.Operator("known")
	require.EqualValues(t, 20_000/7, known.Failed)
	counts, _ := s.Operator("counts")
	require.NotZero(t, counts.TooLate)
	require.EqualValues(t, 3, value(t, all, "freshet_operator_partitions", map[string]string{"operator": "orders", "kind": "source"}))
	for _, part := range s.Operators[0].Partitions {
		of := map[string]string{"operator": "orders", "partition": part.Name}
		require.EqualValues(t, part.Events, value(t, all, "freshet_partition_events_total", of))
		require.EqualValues(t, 1, value(t, all, "freshet_partition_ended", of))
		require.EqualValues(t, 0, value(t, all, "freshet_partition_idle", of))
		require.InDelta(t, float64(part.Watermark.UnixMicro())/1e6, value(t, all, "freshet_partition_watermark_timestamp_seconds", of), 1e-5)
	}
	require.Len(t, s.Edges, 1)
	edge := map[string]string{"from": s.Edges[0].From, "to": "counts", "input": "0"}
	require.EqualValues(t, s.Edges[0].Events, value(t, all, "freshet_edge_events_total", edge))
	require.EqualValues(t, s.Edges[0].Batches, value(t, all, "freshet_edge_batches_total", edge))
	require.EqualValues(t, s.Edges[0].Capacity, value(t, all, "freshet_edge_capacity_batches", edge))
	require.EqualValues(t, s.Checkpoints.Made, value(t, all, "freshet_checkpoint_completed_total", map[string]string{}))
	require.EqualValues(t, 0, value(t, all, "freshet_checkpoint_failures_total", map[string]string{}))
	require.InDelta(t, .001, value(t, all, "freshet_checkpoint_interval_seconds", map[string]string{}), 1e-12)
	require.InDelta(t, float64(s.Checkpoints.At.UnixMicro())/1e6, value(t, all, "freshet_checkpoint_last_timestamp_seconds", map[string]string{}), 1e-5)
	require.EqualValues(t, s.Checkpoints.Bytes, value(t, all, "freshet_checkpoint_state_bytes", map[string]string{}))
	require.EqualValues(t, 0, value(t, all, "freshet_pipeline_running", map[string]string{}))
	require.InDelta(t, float64(time.Now().Unix()), value(t, all, "freshet_pipeline_start_time_seconds", map[string]string{}), 60)
	require.EqualValues(t, s.Checkpoints.Made, all["freshet_checkpoint_duration_seconds"].Metric[0].Histogram.GetSampleCount())
}

// A pipeline that has never run says so and nothing else, and its Collector can be registered
// beside that of another pipeline, but not beside one of the same name.
func TestNotYetRun(t *testing.T) {
	r := prometheus.NewRegistry()
	require.NoError(t, r.Register(promstats.New(stream.New("a"))))
	require.NoError(t, r.Register(promstats.New(stream.New("b"))))
	var twice prometheus.AlreadyRegisteredError
	require.ErrorAs(t, r.Register(promstats.New(stream.New("b"))), &twice)
	all, err := r.Gather()
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Len(t, all[0].Metric, 2)
	require.Equal(t, "freshet_pipeline_running", all[0].GetName())
}

// However many partitions there are, and whatever names say, there are as many series as allowed, with
// label values that Prometheus takes.
func TestBounded(t *testing.T) {
	p := stream.New("hostile \x00\u202e \"\n{}</script>")
	long := strings.Repeat("n", 100_000)
	a := p.From(source.Generate(1000, func(i int64) int64 { return i }, source.Partitions(1000)), stream.Name(long+"a"))
	b := p.From(source.Slice([]int64{1}), stream.Name(long+"b"))
	a.Merge(b, stream.Name("\x1b[2J\r\n")).To(sink.Discard[int64](), stream.Name("a\"b\\c\nd"))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	c := promstats.New(p, promstats.Partitions(10))
	shown := long[:200] + "…"
	for range 2 {
		all := gather(t, c)
		require.Len(t, all["freshet_partition_events_total"].Metric, 11)
		require.EqualValues(t, 1000, value(t, all, "freshet_operator_partitions", map[string]string{"operator": shown, "kind": "source"}))
		require.EqualValues(t, 1, value(t, all, "freshet_operator_partitions", map[string]string{"operator": shown + " (2)", "kind": "source"}))
		require.EqualValues(t, 1001, value(t, all, "freshet_operator_input_events_total", map[string]string{"operator": "a\"b\\c\nd", "kind": "sink"}))
		for _, f := range all {
			for _, m := range f.Metric {
				for _, l := range m.Label {
					require.LessOrEqual(t, len(l.GetValue()), 210)
				}
			}
		}
	}
	require.Panics(t, func() { promstats.Partitions(-1) })
	require.Panics(t, func() { promstats.Bounds(1, 1) })
	require.Panics(t, func() { promstats.Bounds(math.NaN()) })
	require.Panics(t, func() { promstats.New(nil) })
	require.Panics(t, func() { promstats.New(p, nil) })
	require.NotContains(t, gather(t, promstats.New(p, promstats.Partitions(0))), "freshet_partition_events_total")
}

// Both kinds of histogram are what is written straight from their definitions, of what
// the run has counted.
func TestHistograms(t *testing.T) {
	p := sums("sums", 50_000, 2, source.Rate(100_000))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 2*time.Millisecond)))
	bounds := []float64{.00001, .0001, .001, .01, .1, 1}
	all, s := gather(t, promstats.New(p, promstats.Bounds(bounds...))), p.Stats()
	h := all["freshet_checkpoint_duration_seconds"].Metric[0].Histogram
	of := s.Checkpoints.Durations
	require.Positive(t, of.Count())
	require.EqualValues(t, of.Count(), h.GetSampleCount())
	require.InDelta(t, of.Sum(), h.GetSampleSum(), 1e-12)
	require.Len(t, h.Bucket, len(bounds))
	want := map[int]int64{}
	for most, n := range of.Buckets() {
		i := -300
		for math.Pow(2, float64(i)/8) < most.Seconds() {
			i++
		}
		want[i] += n
	}
	for i, b := range h.Bucket {
		var below int64
		for most, n := range of.Buckets() {
			if most.Seconds() <= bounds[i] {
				below += n
			}
		}
		require.Equal(t, bounds[i], b.GetUpperBound())
		require.EqualValues(t, below, b.GetCumulativeCount())
	}
	require.EqualValues(t, 3, h.GetSchema())
	got := map[int]int64{}
	i, d, count := 0, 0, int64(0)
	for _, span := range h.PositiveSpan {
		i += int(span.GetOffset())
		for range span.GetLength() {
			count += h.PositiveDelta[d]
			if count != 0 {
				got[i] = count
			}
			i, d = i+1, d+1
		}
	}
	require.Equal(t, len(h.PositiveDelta), d)
	require.Equal(t, want, got)
	require.InDelta(t, 0, (h.GetSampleSum()-s.Checkpoints.Durations.Sum())/h.GetSampleSum(), 1e-9)
}

// What a scrape gives is as Prometheus's conventions have it.
func TestConventions(t *testing.T) {
	p := sums("sums", 1000, 2)
	require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), time.Millisecond)))
	require.Empty(t, promtest.Tool(t, scrape(t, p), "check", "metrics"))
}

func scrape(t testing.TB, p *stream.Pipeline) []byte {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(promstats.New(p))
	w := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{Registry: r}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	// What the handler counts of itself is its own business.
	var ours bytes.Buffer
	for line := range bytes.Lines(w.Body.Bytes()) {
		if bytes.Contains(line, []byte("freshet_")) {
			ours.Write(line)
		}
	}
	return ours.Bytes()
}

// The alert rules do what their tests say, and name no metric that there is not.
func TestRules(t *testing.T) {
	promtest.Tool(t, nil, "check", "rules", "freshet.rules.yml")
	promtest.Tool(t, nil, "test", "rules", filepath.Join("testdata", "freshet.rules.test.yml"))
	doc, err := os.ReadFile("rules.go")
	require.NoError(t, err)
	p := sums("sums", 1000, 2)
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Millisecond)))
	known := string(scrape(t, p)) + "freshet_operator_watermark_timestamp_seconds" // which is no more when the run has ended
	for word := range strings.FieldsFuncSeq(promstats.Rules(), func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) {
		if strings.HasPrefix(word, "freshet_") {
			require.Contains(t, known, word)
		}
		if strings.HasPrefix(word, "Freshet") && len(word) > len("Freshet") {
			require.Contains(t, string(doc), word+" ", "it is in the doc comment")
		}
	}
}

// A real Prometheus scrapes a pipeline while it runs, sees both kinds of histogram, and the
// alert for its failures fires.
func TestPrometheus(t *testing.T) {
	p := sums("sums", source.Unbounded, 2, source.Rate(20_000))
	r := prometheus.NewRegistry()
	r.MustRegister(promstats.New(p))
	server := httptest.NewServer(promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	defer server.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- p.Run(ctx, stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), 20*time.Millisecond))
	}()
	defer func() {
		stop()
		require.ErrorIs(t, <-done, context.Canceled)
	}()
	prom := promtest.Start(t, strings.TrimPrefix(server.URL, "http://"), promstats.Rules())

	some := func(s []promtest.Sample) bool { return len(s) == 1 && s[0].Value > 0 }
	in := prom.Until(`rate(freshet_operator_output_events_total{pipeline="sums",operator="orders"}[2s])`, func(s []promtest.Sample) bool {
		return len(s) == 1 && s[0].Value > 10_000 && s[0].Value < 40_000 // on a machine that is busy
	})
	require.Equal(t, "source", in[0].Labels["kind"])
	prom.Until(`histogram_quantile(0.99, rate(freshet_checkpoint_duration_seconds[2s]))`, some) // of the native one
	prom.Until(`freshet_operator_watermark_timestamp_seconds{operator="out"} - time() > -60 < 60`, func(s []promtest.Sample) bool { return len(s) == 1 })
	prom.Until(`sum(rate(freshet_operator_time_seconds_total{operator="counts"}[2s]))`, func(s []promtest.Sample) bool {
		return len(s) == 1 && s[0].Value > 1.5 && s[0].Value < 4.5 // two tasks in front of the exchange, and two behind
	})
	var firing, broken []string
	for deadline := time.Now().Add(time.Minute); len(firing) < 2 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		firing, broken = prom.Alerts()
	}
	require.Empty(t, broken)
	require.ElementsMatch(t, []string{"FreshetFailures", "FreshetLateDrops"}, firing)
}

// Who imports stream gets neither Prometheus nor OpenTelemetry, and no page, chart or report.
func TestStreamStandsAlone(t *testing.T) {
	for _, name := range []string{"stream", "window", "source", "sink", "mining"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../../"+name).CombinedOutput()
		require.NoError(t, err, string(out))
		require.NotRegexp(t, `prometheus|opentelemetry|promstats|otelstats|otelspans|livepage|sink/chart|sink/report|x/image|net/http/httptest`, string(out), name)
	}
}
