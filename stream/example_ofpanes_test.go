package stream_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

type takings = stream.Pane[string, int64]

func byTakings(a, b takings) int { return cmp.Compare(a.Value, b.Value) }

func best(p stream.Pane[stream.NoKey, []takings]) string {
	return fmt.Sprintf("%s-%s: %s with %d", p.Start.Format("15:04"), p.End.Format("15:04"), p.Value[0].Key, p.Value[0].Value)
}

// The shop that took in the most of each quarter of an hour, looked at every five
// minutes: what was found by shop is brought together by window.
func ExamplePane_grouped() {
	sales := []Order{
		{Shop: "lyon", Cents: 500, PaidAt: clock("09:01")},
		{Shop: "oslo", Cents: 300, PaidAt: clock("09:03")},
		{Shop: "oslo", Cents: 400, PaidAt: clock("09:08")},
		{Shop: "lyon", Cents: 250, PaidAt: clock("09:12")},
	}
	quarters := window.Sliding(15*time.Minute, 5*time.Minute)
	p := stream.New("best shop")
	p.From(source.Slice(sales)).
		EventTime(Order.paidAt).
		KeyBy(Order.shop).
		Window(quarters).
		Aggregate(window.Sum(Order.cents)).
		Window(quarters.OfPanes()).
		Aggregate(window.Top(1, byTakings)).
		Map(best).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 08:50-09:05: lyon with 500
	// 08:55-09:10: oslo with 700
	// 09:00-09:15: lyon with 750
	// 09:05-09:20: oslo with 400
	// 09:10-09:25: lyon with 250
}

// A late order gives its shop's pane anew, and so the best shop of its hour.
func ExampleLastPanes() {
	sales := []Order{
		{Shop: "oslo", Cents: 300, PaidAt: clock("09:10")},
		{Shop: "lyon", Cents: 200, PaidAt: clock("09:20")},
		{Shop: "oslo", Cents: 400, PaidAt: clock("10:05")}, // closes the hour from 9 to 10
		{Shop: "lyon", Cents: 150, PaidAt: clock("09:40")}, // late
	}
	hours := window.Tumbling(time.Hour, window.Lateness(time.Hour))
	p := stream.New("best shop")
	p.From(source.Slice(sales)).
		EventTime(Order.paidAt).
		KeyBy(Order.shop).
		Window(hours).
		Aggregate(window.Sum(Order.cents)).
		Window(hours.OfPanes()).
		Aggregate(stream.LastPanes(window.Top(1, byTakings))).
		Map(best).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1), stream.BatchSize(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 09:00-10:00: oslo with 300
	// 09:00-10:00: lyon with 350
	// 10:00-11:00: oslo with 400
}
