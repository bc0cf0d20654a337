// Minutes adds up what each shop took in each minute of a morning. Orders come
// out of order: one is 20 seconds behind and still counts, one comes when its
// minute has long been added up, and is told apart.
//
//	go run ./examples/minutes
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

type order struct {
	ID    int
	Shop  string
	Cents int64 // below 0: money back
	At    time.Time
}

func (o order) isSale() bool  { return o.Cents > 0 }
func (o order) at() time.Time { return o.At }
func (o order) shop() string  { return o.Shop }
func (o order) cents() int64  { return o.Cents }

// morning has the orders as they came in.
func morning() []order {
	at := func(minute, second int) time.Time { return time.Date(2026, 11, 28, 9, minute, second, 0, time.UTC) }
	return []order{
		{1, "north", 1250, at(0, 5)},
		{2, "south", 400, at(0, 20)},
		{3, "north", 899, at(0, 50)},
		{4, "south", 2000, at(1, 5)},
		{5, "north", 750, at(0, 45)}, // 20 s behind
		{6, "north", -899, at(1, 10)},
		{7, "south", 120, at(1, 40)},
		{8, "north", 3100, at(3, 0)},
		{9, "south", 990, at(0, 59)}, // two minutes behind
		{10, "south", 560, at(3, 15)},
	}
}

func main() {
	if err := run(context.Background(), os.Stdout, morning()); err != nil {
		fmt.Fprintln(os.Stderr, "minutes:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, orders []order) error {
	p := stream.New("minutes")
	minutes := p.From(source.Slice(orders)).
		Filter(order.isSale).
		EventTime(order.at, stream.Disorder(30*time.Second)).
		KeyBy(order.shop).
		Window(window.Tumbling(time.Minute))

	minutes.Aggregate(window.Sum(order.cents)).
		To(sink.Table[stream.Pane[string, int64]](w))

	late := sink.Collect[order]()
	minutes.Late().To(late)

	// One event at a time, as they would come from a queue: how late an order is
	// then shows in ten of them.
	if err := p.Run(ctx, stream.BatchSize(1), stream.Shards(1)); err != nil {
		return err
	}
	for _, o := range late.Values() {
		fmt.Fprintf(w, "order %d of %s came too late for its minute: %d cents\n", o.ID, o.Shop, o.Cents)
	}
	return nil
}
