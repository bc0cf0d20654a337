package stream_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A live view of the hour: on the screen ten seconds after something has
// changed, long before the hour is over.
func ExampleWindowed_Aggregate_early() {
	paid := streamtest.NewInput[Order]()
	p := stream.New("live")
	takings := streamtest.Collect(p.From(paid).
		EventTime(Order.paidAt).
		Window(window.Tumbling(time.Hour, window.EarlyEvery(10*time.Second))).
		Aggregate(window.Sum(Order.cents)))
	d := streamtest.Start(exampleTest{}, p) // in a test, t

	show := func() {
		for _, hour := range takings.Take() {
			fmt.Println(hour.Timing, hour.Value)
		}
	}
	paid.Push(Order{Cents: 1200, PaidAt: clock("09:10")}, Order{Cents: 300, PaidAt: clock("09:20")})
	d.Settle()
	d.Advance(10 * time.Second)
	show()
	d.Advance(10 * time.Second) // nothing has changed since
	show()
	paid.Push(Order{Cents: 700, PaidAt: clock("09:50")})
	paid.End()
	d.Settle()
	show()
	// Output:
	// early 1500
	// on time 2200
}

// Panes that discard hold what has come since the pane before, for those who
// add them up themselves.
func ExampleWindowed_Aggregate_discarding() {
	p := stream.New("parts")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		Window(window.Tumbling(time.Hour, window.EarlyCount(2), window.Discarding())).
		Aggregate(window.Sum(Order.cents)).
		Map(func(hour stream.Pane[stream.NoKey, int64]) stream.KeyValue[string, int64] {
			return stream.KeyValue[string, int64]{Key: hour.Timing.String(), Value: hour.Value}
		}).
		To(sink.Table[stream.KeyValue[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key      value
	// early     1500
	// early     5200
	// on time    800
}

// The first two orders of the day win: the pane comes with the second, and
// never again.
func ExampleWindowed_Aggregate_once() {
	p := stream.New("early birds")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		Window(window.Tumbling(24*time.Hour, window.Once(2))).
		Group(func(day stream.Pane[stream.NoKey, []Order]) string {
			return fmt.Sprint("winners: ", day.Value[0].Customer, " and ", day.Value[1].Customer)
		}, stream.Name("winners")).
		To(sink.Table[stream.Pane[stream.NoKey, string]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	s, _ := p.Stats().Operator("winners")
	fmt.Println(s.TooLate, "too late to win")
	// Output:
	// key  start                end                  value
	//      2026-11-27 00:00:00  2026-11-28 00:00:00  winners: ann and bob
	// 3 too late to win
}

// What goes on behind a window sees panes at the times that Stamp gives them.
func ExampleWindowed_Aggregate_stamp() {
	for name, stamp := range map[string]window.Stamper{
		"end of window": window.EndOfWindow, // the default
		"earliest":      window.Earliest,
		"latest":        window.Latest,
	} {
		p := stream.New(name)
		hours := sink.Collect[stream.Pane[stream.NoKey, int64]]()
		p.From(source.Slice(orders)).
			EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
			Window(window.Tumbling(time.Hour, window.Stamp(stamp))).
			Count().
			To(hours)
		if err := p.Run(context.Background()); err != nil {
			fmt.Println(err)
		}
		fmt.Println(name, hours.Events()[0].Time)
	}
	// Unordered output:
	// end of window 2026-11-27T09:59:59.999999999Z
	// earliest 2026-11-27T09:01:00Z
	// latest 2026-11-27T09:15:00Z
}

// Late orders come in bundles of two, so that not each corrects the report.
func ExampleWindowed_Aggregate_lateCount() {
	till := []Order{
		{Cents: 100, PaidAt: clock("09:10")},
		{Cents: 400, PaidAt: clock("10:05")}, // closes the hour from 9 to 10
		{Cents: 200, PaidAt: clock("09:20")}, // late, as are the next two
		{Cents: 300, PaidAt: clock("09:30")},
		{Cents: 500, PaidAt: clock("09:40")},
	}
	p := stream.New("corrections")
	hours := sink.Collect[stream.Pane[stream.NoKey, int64]]()
	p.From(source.Slice(till)).
		EventTime(Order.paidAt).
		Window(window.Tumbling(time.Hour, window.Lateness(time.Hour), window.LateCount(2))).
		Aggregate(window.Sum(Order.cents)).
		To(hours)
	// One order at a time, as a quiet shop's arrive.
	if err := p.Run(context.Background(), stream.Shards(1), stream.BatchSize(1)); err != nil {
		fmt.Println(err)
	}
	for _, hour := range hours.Values() {
		fmt.Println("from", hour.Start.Format("15:04"), hour.Timing, hour.Value)
	}
	// Output:
	// from 09:00 on time 100
	// from 09:00 late 600
	// from 10:00 on time 400
	// from 09:00 late 1100
}

// Visits that grow and become one: who shows panes as they come, keeps them by
// customer and start, and removes those that a pane replaces.
func ExamplePane_replaces() {
	clicks := streamtest.NewInput[Order]()
	p := stream.New("visits")
	visits := streamtest.Collect(p.From(clicks).
		EventTime(Order.paidAt).
		Window(window.Session(10*time.Minute, window.Lateness(time.Hour))).
		Count())
	d := streamtest.Start(exampleTest{}, p) // in a test, t

	board := map[time.Time]int64{}
	for _, at := range []string{"09:00", "09:15", "09:40", "09:08"} { // the last one is late
		clicks.Push(Order{PaidAt: clock(at)})
		d.Settle()
		for _, visit := range visits.Take() {
			for _, old := range visit.Replaces {
				fmt.Println("no longer", old.Start.Format("15:04"), "to", old.End.Format("15:04"))
				delete(board, old.Start)
			}
			board[visit.Start] = visit.Value
			fmt.Println(visit.Timing, visit.Start.Format("15:04"), "to", visit.End.Format("15:04"), "with", visit.Value)
		}
	}
	fmt.Println(len(board), "visit on the board")
	// Output:
	// on time 09:00 to 09:10 with 1
	// on time 09:15 to 09:25 with 1
	// no longer 09:00 to 09:10
	// no longer 09:15 to 09:25
	// late 09:00 to 09:25 with 3
	// 1 visit on the board
}
