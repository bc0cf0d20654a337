package otelspans_test

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
	sent "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/freshet-go/freshet/internal/otlptest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/otelspans"
)

// provided returns a provider whose spans a receiver of OTLP gets, and what sends them there.
func provided(t *testing.T) (p *trace.TracerProvider, received func() []*sent.Span) {
	t.Helper()
	to := otlptest.Start(t)
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpoint(to.Endpoint), otlptracehttp.WithInsecure())
	require.NoError(t, err)
	p = trace.NewTracerProvider(trace.WithBatcher(exporter))
	return p, func() []*sent.Span {
		require.NoError(t, p.Shutdown(context.WithoutCancel(t.Context())))
		return to.Spans()
	}
}

func of(spans []*sent.Span, name string) (all []*sent.Span) {
	for _, s := range spans {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

// A run that fails once, checkpoints and commits is a run, a restart inside of it, and a trace
// for each checkpoint with the commits of its sink; what is logged has the ids.
func TestRun(t *testing.T) {
	provider, received := provided(t)
	dir := t.TempDir()
	fails := true
	p := stream.New("orders")
	p.From(source.Generate(2000, func(i int64) int64 { return i }, source.Rate(10_000)), stream.Name("numbers")).
		TryMap(func(ctx context.Context, i int64) (string, error) {
			if !api.SpanContextFromContext(ctx).IsValid() {
				return "", errors.New("the function's context has no span")
			}
			if fails && i == 1000 {
				fails = false
				return "", errors.New("away")
			}
			return fmt.Sprint(i), nil
		}).
		To(sink.Files(dir, "out-*.txt", codec.Lines()), stream.Name("files"))
	var log bytes.Buffer
	logger := slog.New(otelspans.Handler(slog.NewJSONHandler(&log, nil)))
	ctx, outer := provider.Tracer("test").Start(t.Context(), "service")
	require.NoError(t, p.Run(ctx, stream.Observe(otelspans.New(provider)), stream.Logger(logger), stream.Shards(1),
		stream.Checkpoints(checkpoint.Memory(), 10*time.Millisecond), stream.Restarts(1, time.Millisecond)))
	outer.End()
	spans := received()

	require.Len(t, of(spans, "run orders"), 1)
	run := of(spans, "run orders")[0]
	require.Equal(t, of(spans, "service")[0].SpanId, run.ParentSpanId)
	require.Len(t, of(spans, "restart"), 1)
	restart := of(spans, "restart")[0]
	require.Equal(t, run.SpanId, restart.ParentSpanId)
	require.Equal(t, "exception", restart.Events[0].Name)
	require.Contains(t, otlptest.Attributes(restart.Events[0].Attributes)["exception.message"], "away")
	checkpoints := of(spans, "checkpoint")
	require.NotEmpty(t, checkpoints)
	commits := map[string]*sent.Span{}
	for _, c := range of(spans, "commit files") {
		commits[string(c.ParentSpanId)] = c
	}
	made := 0
	for _, c := range checkpoints {
		require.Empty(t, c.ParentSpanId)
		require.NotEqual(t, run.TraceId, c.TraceId)
		require.Equal(t, run.SpanId, c.Links[0].SpanId)
		require.Equal(t, "orders", otlptest.Attributes(c.Attributes)["freshet.pipeline"])
		if commit := commits[string(c.SpanId)]; commit != nil {
			made++
			require.Equal(t, otlptest.Attributes(c.Attributes)["freshet.checkpoint"], otlptest.Attributes(commit.Attributes)["freshet.checkpoint"])
			require.LessOrEqual(t, c.StartTimeUnixNano, commit.StartTimeUnixNano)
			require.LessOrEqual(t, commit.EndTimeUnixNano, c.EndTimeUnixNano)
		}
	}
	require.NotZero(t, made)
	require.Empty(t, of(spans, "batch numbers"), "nobody asked for them")

	lines := 0
	for line := range strings.Lines(log.String()) {
		var l struct {
			Msg     string `json:"msg"`
			TraceID string `json:"trace_id"`
			SpanID  string `json:"span_id"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		switch {
		case strings.HasPrefix(l.Msg, "the run has failed"):
			require.Equal(t, otlptest.ID(restart.SpanId), l.SpanID)
			lines++
		case strings.HasPrefix(l.Msg, "going on from"):
			require.Equal(t, otlptest.ID(run.SpanId), l.SpanID)
			require.Equal(t, otlptest.ID(run.TraceId), l.TraceID)
			lines++
		}
	}
	require.Equal(t, 2, lines, log.String())
}

// A followed batch goes on in the trace that its one record is of, or is linked to those
// of its records; stages and writes are inside of it.
func TestBatches(t *testing.T) {
	for _, size := range []int{1, 4} {
		t.Run(fmt.Sprint(size, " in a batch"), func(t *testing.T) {
			provider, received := provided(t)
			parent := func(i int64) string {
				switch i {
				case 6:
					return "" // it has none
				case 7:
					return "00-nonsense"
				}
				return fmt.Sprintf("00-%032x-%016x-01", i+1, i+1)
			}
			p := stream.New("orders")
			p.From(source.Slice([]int64{0, 1, 2, 3, 4, 5, 6, 7}), stream.Name("numbers"), stream.TraceParent(parent)).
				KeyBy(func(i int64) int64 { return i }).
				Process(func(c *stream.KeyContext[int64, int64, int64], i int64) error {
					c.Emit(i)
					return nil
				}, nil, stream.Name("process")).
				To(sink.Func(func(ctx context.Context, _ stream.Event[int64]) error {
					if size == 1 && !api.SpanContextFromContext(ctx).IsValid() {
						return errors.New("the sink's context has no span")
					}
					return nil
				}), stream.Name("out"))
			require.NoError(t, p.Run(t.Context(), stream.Observe(otelspans.New(provider)), stream.SampleBatches(0), stream.BatchSize(size), stream.Shards(2)))
			spans := received()
			run := of(spans, "run orders")[0]
			batches := of(spans, "batch numbers")
			require.Len(t, batches, 8/size)
			inside := map[string]*sent.Span{}
			for i, b := range batches {
				inside[string(b.SpanId)] = b
				require.Equal(t, sent.Span_SPAN_KIND_CONSUMER, b.Kind)
				require.Equal(t, run.SpanId, b.Links[0].SpanId)
				require.EqualValues(t, size, otlptest.Attributes(b.Attributes)["freshet.events"])
				switch {
				case size == 4 && i == 0:
					require.Len(t, b.Links, 5)
					require.Equal(t, fmt.Sprintf("%032x", 4), otlptest.ID(b.Links[4].TraceId))
					require.Empty(t, b.ParentSpanId)
				case size == 4:
					require.Len(t, b.Links, 3, "two of its records have none")
				case i < 6:
					require.Len(t, b.Links, 1)
					require.Equal(t, fmt.Sprintf("%032x", i+1), otlptest.ID(b.TraceId))
					require.Equal(t, fmt.Sprintf("%016x", i+1), otlptest.ID(b.ParentSpanId))
				default:
					require.Empty(t, b.ParentSpanId)
				}
			}
			writes, stages := of(spans, "write out"), of(spans, "stage process")
			require.NotEmpty(t, writes)
			require.NotEmpty(t, stages)
			for _, s := range append(writes, stages...) {
				b := inside[string(s.ParentSpanId)]
				require.NotNil(t, b, s.Name)
				require.Equal(t, b.TraceId, s.TraceId)
				require.LessOrEqual(t, b.StartTimeUnixNano, s.StartTimeUnixNano)
			}
		})
	}
}

// What fails is an error of its span, and of those around it.
func TestFailed(t *testing.T) {
	provider, received := provided(t)
	p := stream.New("orders")
	p.From(source.Slice([]int64{1})).To(sink.Func(func(context.Context, stream.Event[int64]) error { return errors.New("full") }), stream.Name("out"))
	require.ErrorContains(t, p.Run(t.Context(), stream.Observe(otelspans.New(provider)), stream.SampleBatches(0)), "full")
	spans := received()
	for _, name := range []string{"write out", "batch source", "run orders"} {
		require.Equal(t, sent.Status_STATUS_CODE_ERROR, of(spans, name)[0].Status.Code, name)
		require.Contains(t, of(spans, name)[0].Status.Message, "full", name)
	}
	require.Panics(t, func() { otelspans.New(nil) })
	require.Panics(t, func() { otelspans.Handler(nil) })
}

// Ids stand outside of groups, and nowhere else; without a span there are none.
func TestHandler(t *testing.T) {
	spans := api.NewSpanContext(api.SpanContextConfig{TraceID: api.TraceID{1}, SpanID: api.SpanID{2}})
	ctx := api.ContextWithSpanContext(t.Context(), spans)
	var log bytes.Buffer
	plain := slog.New(otelspans.Handler(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})))
	said := func(l *slog.Logger, ctx context.Context) string {
		log.Reset()
		l.InfoContext(ctx, "m", "k", "v")
		return log.String()
	}
	const ids = "trace_id=01000000000000000000000000000000 span_id=0200000000000000"
	require.Equal(t, "level=INFO msg=m k=v "+ids+"\n", said(plain, ctx))
	require.Equal(t, "level=INFO msg=m k=v\n", said(plain, t.Context()))
	grouped := plain.With("a", 1).WithGroup("").WithGroup("g").With("b", 2).WithGroup("h")
	require.Equal(t, "level=INFO msg=m a=1 "+ids+" g.b=2 g.h.k=v\n", said(grouped, ctx))
	require.Equal(t, "level=INFO msg=m a=1 g.b=2 g.h.k=v\n", said(grouped, t.Context()))
	require.Equal(t, "level=INFO msg=m a=1 "+ids+" g.b=2 g.other=1 g.k=v\n", said(plain.With("a", 1).WithGroup("g").With("b", 2).With("other", 1), ctx))
}
