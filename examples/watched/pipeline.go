package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

type order struct {
	ID          int64
	Shop        int64
	Cents       int64
	At          time.Time
	Traceparent string // of the request that made it, as a broker's header has it
}

func (o order) shop() int64         { return o.Shop }
func (o order) cents() int64        { return o.Cents }
func (o order) at() time.Time       { return o.At }
func (o order) traceparent() string { return o.Traceparent }

// priced fails on orders without a price.
func (o order) priced(context.Context) (order, error) {
	if o.Cents < 0 {
		return o, fmt.Errorf("order %d costs %d cents", o.ID, o.Cents)
	}
	return o, nil
}

// pipeline adds up what each shop takes in each second.
func pipeline(rate float64) *stream.Pipeline {
	begin := time.Now()
	made := func(i int64) order {
		o := order{
			ID: i, Shop: i % 7, Cents: 100 + i%900,
			At:          begin.Add(time.Duration(float64(i) / rate * float64(time.Second))),
			Traceparent: fmt.Sprintf("00-%032x-%016x-01", i+1, i+1),
		}
		if i%1000 == 999 {
			o.Cents = -1
		}
		return o
	}
	p := stream.New("takings")
	p.From(source.Generate(math.MaxInt64, made, source.Rate(rate), source.Partitions(3)),
		stream.Name("orders"), stream.TraceParent(order.traceparent)).
		TryMap(func(ctx context.Context, o order) (order, error) { return o.priced(ctx) }, stream.Name("priced"), stream.SkipFailures()).
		EventTime(order.at, stream.Disorder(100*time.Millisecond), stream.Name("times")).
		KeyBy(order.shop).
		Window(window.Tumbling(time.Second)).
		Aggregate(window.Sum(order.cents), stream.Name("takings")).
		To(sink.Discard[stream.Pane[int64, int64]](), stream.Name("books"))
	return p
}
