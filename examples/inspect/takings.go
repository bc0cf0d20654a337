package main

import (
	"context"
	"errors"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

type order struct {
	customer int64
	cents    int64
	at       time.Time
}

func (o order) paidAt() time.Time { return o.at }
func (o order) ofCustomer() int64 { return o.customer }
func (o order) amount() int64     { return o.cents }

var errHalfway = errors.New("halfway")

// takings runs a pipeline with checkpoints in dir, and stops it halfway.
func takings(ctx context.Context, dir string) error {
	ctx, stop := context.WithCancelCause(ctx)
	const orders, half = 20_000, 10_000
	begin := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	make := func(i int64) order {
		if i == half {
			stop(errHalfway)
		}
		return order{customer: i * i % 977, cents: i % 5000, at: begin.Add(time.Duration(i) * 4 * time.Second)}
	}
	p := stream.New("takings")
	paid := p.From(source.Generate(orders, make), stream.Name("orders")).
		EventTime(order.paidAt, stream.Disorder(time.Minute)).
		KeyBy(order.ofCustomer)
	paid.Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(order.amount), stream.Name("hourly")).
		To(sink.Discard[stream.Pane[int64, int64]]())
	paid.Running(window.Sum(order.amount), stream.Name("per customer")).
		To(sink.Discard[stream.KeyValue[int64, int64]]())
	return p.Run(ctx, stream.Shards(2), stream.BatchSize(100), stream.Checkpoints(checkpoint.Dir(dir), time.Second))
}
