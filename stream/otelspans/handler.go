package otelspans

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Handler returns a handler that adds trace_id and span_id to each record that is logged with the context
// of a span, outside of all groups, and passes it on to h. It panics if h is nil.
func Handler(h slog.Handler) slog.Handler {
	if h == nil {
		panic("otelspans: Handler of a nil slog.Handler")
	}
	return &handler{Handler: h, outer: h}
}

// A handler passes records on to the embedded one.
type handler struct {
	slog.Handler
	outer slog.Handler                      // as it was before the first group
	since []func(slog.Handler) slog.Handler // the first group, and what came after it
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	of := trace.SpanContextFromContext(ctx)
	if !of.IsValid() {
		return h.Handler.Handle(ctx, r)
	}
	ids := []slog.Attr{slog.String("trace_id", of.TraceID().String()), slog.String("span_id", of.SpanID().String())}
	if h.since == nil {
		r = r.Clone()
		r.AddAttrs(ids...)
		return h.Handler.Handle(ctx, r)
	}
	to := h.outer.WithAttrs(ids)
	for _, f := range h.since {
		to = f(to)
	}
	return to.Handle(ctx, r)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) }
	if h.since == nil {
		return Handler(with(h.Handler))
	}
	return h.then(with)
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.then(func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
}

func (h *handler) then(f func(slog.Handler) slog.Handler) slog.Handler {
	return &handler{f(h.Handler), h.outer, append(h.since[:len(h.since):len(h.since)], f)}
}
