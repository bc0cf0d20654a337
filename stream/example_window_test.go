package stream_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

func ExampleKeyed_Window() {
	p := stream.New("orders by shop")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Window(window.Tumbling(10 * time.Minute)).
		Count().
		To(sink.Table[stream.Pane[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   start                end                  value
	// oslo  2026-11-27 09:00:00  2026-11-27 09:10:00      2
	// lyon  2026-11-27 09:00:00  2026-11-27 09:10:00      1
	// lyon  2026-11-27 09:10:00  2026-11-27 09:20:00      1
	// oslo  2026-11-27 09:10:00  2026-11-27 09:20:00      1
}

// Of all shops together, every five minutes, in the ten minutes before.
func ExampleStream_Window() {
	p := stream.New("takings")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		Window(window.Sliding(10*time.Minute, 5*time.Minute)).
		Aggregate(window.Sum(Order.cents)).
		To(sink.Table[stream.Pane[stream.NoKey, int64]](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key  start                end                  value
	//      2026-11-27 08:55:00  2026-11-27 09:05:00   6000
	//      2026-11-27 09:00:00  2026-11-27 09:10:00   6000
	//      2026-11-27 09:05:00  2026-11-27 09:15:00    700
	//      2026-11-27 09:10:00  2026-11-27 09:20:00   1500
	//      2026-11-27 09:15:00  2026-11-27 09:25:00    800
}

func ExampleWindowed_Aggregate() {
	p := stream.New("largest order by shop")
	largest := window.Top(1, func(a, b Order) int { return int(a.Cents - b.Cents) })
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Then(largest, func(top []Order) string { return top[0].Customer })).
		To(sink.Table[stream.Pane[string, string]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   start                end                  value
	// oslo  2026-11-27 09:00:00  2026-11-27 10:00:00  cyd
	// lyon  2026-11-27 09:00:00  2026-11-27 10:00:00  ann
}

func ExampleWindowed_Count() {
	p := stream.New("customers")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.customer).
		Window(window.Tumbling(24 * time.Hour)).
		Count().
		Map(func(c stream.Pane[string, int64]) string { return fmt.Sprint(c.Key, " ordered ", c.Value) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// ann ordered 2
	// cyd ordered 1
	// bob ordered 2
}

func ExampleWindowed_Reduce() {
	dearer := func(a, b Order) Order {
		if a.Cents >= b.Cents {
			return a
		}
		return b
	}
	p := stream.New("largest payment")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Window(window.Tumbling(time.Hour)).
		Reduce(dearer).
		Map(func(p stream.Pane[string, Order]) stream.Pane[string, int64] {
			return stream.Pane[string, int64]{Key: p.Key, Start: p.Start, End: p.End, Value: p.Value.Cents}
		}).
		To(sink.Table[stream.Pane[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   start                end                  value
	// oslo  2026-11-27 09:00:00  2026-11-27 10:00:00   4500
	// lyon  2026-11-27 09:00:00  2026-11-27 10:00:00    700
}

// A median needs all the events of a window. So do most reports.
func ExampleWindowed_Group() {
	median := func(hour stream.Pane[string, []Order]) int64 {
		cents := make([]int64, 0, len(hour.Value))
		for _, o := range hour.Value {
			cents = append(cents, o.Cents)
		}
		slices.Sort(cents)
		return cents[len(cents)/2]
	}
	p := stream.New("medians")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Window(window.Tumbling(time.Hour)).
		Group(median).
		To(sink.Table[stream.Pane[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   start                end                  value
	// oslo  2026-11-27 09:00:00  2026-11-27 10:00:00   1200
	// lyon  2026-11-27 09:00:00  2026-11-27 10:00:00    700
}

// The hour is still open for an order that is late by a quarter of an hour,
// and no longer for one that is late by an hour.
func ExampleWindowed_Late() {
	till := []Order{
		{ID: 1, PaidAt: clock("09:10")},
		{ID: 2, PaidAt: clock("10:10")}, // closes the hour from 9 to 10
		{ID: 3, PaidAt: clock("09:20")},
		{ID: 4, PaidAt: clock("11:30")},
		{ID: 5, PaidAt: clock("09:30")},
	}
	p := stream.New("late")
	hours := p.From(source.Slice(till)).
		EventTime(Order.paidAt).
		Window(window.Tumbling(time.Hour, window.Lateness(30*time.Minute)))

	counts := sink.Collect[stream.Pane[stream.NoKey, int64]]()
	hours.Count().To(counts)
	hours.Late().
		Map(func(o Order) string { return fmt.Sprint("too late: order ", o.ID) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	for _, c := range counts.Values() {
		fmt.Println(c.Start.Format("15:04"), c.Value, c.Timing)
	}
	// Output:
	// too late: order 5
	// 09:00 2 on time
	// 10:00 1 on time
	// 11:00 1 on time
}

// Visits: pages that follow each other by less than half an hour.
func ExampleKeyed_Window_sessions() {
	views := []View{
		{"ann", "/tea", clock("09:00")},
		{"bob", "/", clock("09:05")},
		{"ann", "/tea/green", clock("09:20")},
		{"ann", "/cart", clock("09:45")},
		{"ann", "/", clock("11:00")},
	}
	p := stream.New("visits")
	p.From(source.Slice(views)).
		EventTime(View.at, stream.Disorder(time.Minute)).
		KeyBy(View.visitor).
		Window(window.Session(30 * time.Minute)).
		Count().
		To(sink.Table[stream.Pane[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key  start                end                  value
	// ann  2026-11-27 09:00:00  2026-11-27 10:15:00      3
	// bob  2026-11-27 09:05:00  2026-11-27 09:35:00      1
	// ann  2026-11-27 11:00:00  2026-11-27 11:30:00      1
}

// After every two orders of a customer, a coupon. Windows of a number of events
// need no event time.
func ExampleKeyed_Window_count() {
	p := stream.New("coupons")
	p.From(source.Slice(orders)).
		KeyBy(Order.customer).
		Window(window.ByCount(2)).
		Aggregate(window.Sum(Order.cents)).
		Map(func(two stream.Pane[string, int64]) string { return fmt.Sprint(two.Key, " spent ", two.Value) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ann spent 1900
	// bob spent 1100
	// cyd spent 4500
}

// A pane is a window's result: here the ones before the hour is over, the one
// on time, and one that a late order has refined.
func ExamplePane() {
	till := []Order{
		{Cents: 100, PaidAt: clock("09:10")},
		{Cents: 200, PaidAt: clock("09:20")},
		{Cents: 300, PaidAt: clock("09:30")},
		{Cents: 400, PaidAt: clock("10:05")}, // closes the hour from 9 to 10
		{Cents: 500, PaidAt: clock("09:40")}, // late
	}
	p := stream.New("panes")
	p.From(source.Slice(till)).
		EventTime(Order.paidAt).
		Window(window.Tumbling(time.Hour, window.EarlyCount(2), window.Lateness(time.Hour))).
		Aggregate(window.Sum(Order.cents)).
		Map(func(p stream.Pane[stream.NoKey, int64]) string {
			return fmt.Sprintf("%s pane %d, %v: %d", p.Start.Format("15:04"), p.Index, p.Timing, p.Value)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	// One order at a time, as a quiet shop's arrive: what is in the batch with
	// which the hour closes would not be given twice.
	if err := p.Run(context.Background(), stream.Shards(1), stream.BatchSize(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 09:00 pane 0, early: 300
	// 09:00 pane 1, on time: 600
	// 09:00 pane 2, late: 1100
	// 10:00 pane 0, on time: 400
}
