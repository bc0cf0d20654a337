package otelspans

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/freshet-go/freshet/stream"
)

// scope is who the spans are of.
const scope = "github.com/freshet-go/freshet/stream/otelspans"

// An Observer is a stream.Observer that makes spans. It may be that of several pipelines.
type Observer struct{ tracer trace.Tracer }

// New returns an Observer whose spans the provider records. It panics if the provider is nil.
func New(provider trace.TracerProvider) *Observer {
	if provider == nil {
		panic("otelspans: New of a nil TracerProvider")
	}
	return &Observer{provider.Tracer(scope)}
}

// spanKey is where a context has the span that an Observer has begun: another observer may
// have put one of its own on top.
type spanKey struct{ of *Observer }

// Begin is for the run.
func (o *Observer) Begin(ctx context.Context, a stream.Activity) context.Context {
	name, opts := a.Kind.String(), []trace.SpanStartOption{trace.WithAttributes(known(a)...)}
	switch a.Kind {
	case stream.RunActivity:
		name += " " + a.Pipeline
	case stream.CheckpointActivity:
		opts = append(opts, trace.WithNewRoot(), trace.WithLinks(trace.LinkFromContext(ctx)))
	case stream.BatchActivity:
		var from []trace.SpanStartOption
		ctx, from = o.batch(ctx, a)
		opts = append(append(opts, from...), trace.WithSpanKind(trace.SpanKindConsumer))
	case stream.WriteActivity:
		opts = append(opts, trace.WithSpanKind(trace.SpanKindProducer))
	}
	if a.Operator != "" {
		name += " " + a.Operator
	}
	ctx, span := o.tracer.Start(ctx, name, opts...)
	return context.WithValue(ctx, spanKey{o}, span)
}

// batch says what the span of a batch is inside of, and linked to.
func (o *Observer) batch(ctx context.Context, a stream.Activity) (context.Context, []trace.SpanStartOption) {
	links := []trace.Link{trace.LinkFromContext(ctx)}
	var parents []trace.SpanContext
	for _, text := range a.Parents {
		in := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": text})
		if of := trace.SpanContextFromContext(in); of.IsValid() {
			parents = append(parents, of)
		}
	}
	if len(parents) == 1 {
		return trace.ContextWithRemoteSpanContext(ctx, parents[0]), []trace.SpanStartOption{trace.WithLinks(links...)}
	}
	for _, p := range parents {
		links = append(links, trace.Link{SpanContext: p})
	}
	return ctx, []trace.SpanStartOption{trace.WithNewRoot(), trace.WithLinks(links...)}
}

// End is for the run.
func (o *Observer) End(ctx context.Context, a stream.Activity, err error) {
	span, ok := ctx.Value(spanKey{o}).(trace.Span)
	if !ok {
		return
	}
	if a.Kind == stream.CheckpointActivity && a.Bytes > 0 {
		span.SetAttributes(attribute.Int64("freshet.checkpoint.written", a.Written), attribute.Int64("freshet.checkpoint.state", a.Bytes))
	}
	if a.Cause != nil { // of a restart
		span.RecordError(a.Cause)
	}
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}

// known returns what is known of an activity when it begins.
func known(a stream.Activity) []attribute.KeyValue {
	all := []attribute.KeyValue{attribute.String("freshet.pipeline", a.Pipeline)}
	text := func(key, v string) {
		if v != "" {
			all = append(all, attribute.String("freshet."+key, v))
		}
	}
	number := func(key string, v int64) { all = append(all, attribute.Int64("freshet."+key, v)) }
	text("operator", a.Operator)
	text("partition", a.Partition)
	text("position", a.Position)
	text("savepoint", a.Savepoint)
	switch a.Kind {
	case stream.BatchActivity, stream.StageActivity, stream.WriteActivity:
		number("events", int64(a.Events))
		number("shard", int64(a.Shard))
	case stream.CheckpointActivity, stream.CommitActivity:
		number("checkpoint", a.Checkpoint)
	case stream.RestartActivity:
		number("restart", int64(a.Restart))
		number("restart.most", int64(a.Most))
		all = append(all, attribute.Float64("freshet.restart.wait", a.Wait.Seconds()))
	}
	return all
}
