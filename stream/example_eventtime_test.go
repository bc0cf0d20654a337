package stream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

func ExampleStream_EventTime() {
	p := stream.New("takings")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		Window(window.Tumbling(10 * time.Minute)).
		Aggregate(window.Sum(Order.cents)).
		To(sink.Table[stream.Pane[stream.NoKey, int64]](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key  start                end                  value
	//      2026-11-27 09:00:00  2026-11-27 09:10:00   6000
	//      2026-11-27 09:10:00  2026-11-27 09:20:00   1500
}

// Where an event has its time as a number, no time.Time is made of it.
func ExampleInstant() {
	type hit struct {
		Page   string
		Millis int64
	}
	hits := []hit{{"/tea", 1795942800000}, {"/salt", 1795942830000}, {"/tea", 1795942860000}}
	p := stream.New("hits")
	p.From(source.Slice(hits)).
		EventTime(func(h hit) stream.Time { return window.UnixMilli(h.Millis) }).
		Window(window.Tumbling(time.Minute)).
		Count().
		To(sink.Table[stream.Pane[stream.NoKey, int64]](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key  start                end                  value
	//      2026-11-29 09:00:00  2026-11-29 09:01:00      2
	//      2026-11-29 09:01:00  2026-11-29 09:02:00      1
}

// The third order arrives a minute behind the second. Without disorder it is
// late, and with a disorder of a minute it is not.
func ExampleDisorder() {
	for _, d := range []time.Duration{0, time.Minute} {
		p := stream.New("punctual")
		onTime, late := p.From(source.Slice(orders)).
			EventTime(Order.paidAt, stream.Disorder(d)).
			SplitLate()

		punctual, behind := sink.Collect[int](), sink.Collect[int]()
		onTime.Map(Order.id).To(punctual)
		late.Map(Order.id).To(behind)
		if err := p.Run(context.Background()); err != nil {
			fmt.Println(err)
		}
		fmt.Println("disorder", d, "on time", punctual.Values(), "late", behind.Values())
	}
	// Output:
	// disorder 0s on time [1 2 4 5] late [3]
	// disorder 1m0s on time [1 2 3 4 5] late []
}

func ExampleStream_SplitLate() {
	p := stream.New("views")
	views := []View{
		{"ann", "/tea", clock("09:00")},
		{"bob", "/salt", clock("09:30")},
		{"ann", "/rice", clock("09:01")}, // her phone was offline
	}
	onTime, late := p.From(source.Slice(views)).
		EventTime(View.at, stream.Disorder(5*time.Minute)).
		SplitLate()

	onTime.Map(func(v View) string { return "count " + v.Page }).To(sink.Writer(os.Stdout, codec.Lines()))
	late.Map(func(v View) string { return "correct yesterday's report: " + v.Page }).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// count /tea
	// count /salt
	// correct yesterday's report: /rice
}

// A till that closes an hour says so itself: it sends an order without a
// customer, and nothing of that hour behind it.
func ExamplePunctuated() {
	tills := []Order{
		{ID: 1, Customer: "ann", Cents: 1200, PaidAt: clock("09:50")},
		{ID: 2, Customer: "bob", Cents: 300, PaidAt: clock("09:10")},
		{ID: 3, PaidAt: clock("10:00")}, // the hour is closed
		{ID: 4, Customer: "cyd", Cents: 700, PaidAt: clock("10:05")},
	}
	closed := func(o Order) (at time.Time, ok bool) { return o.PaidAt, o.Customer == "" }

	p := stream.New("hours")
	p.From(source.Slice(tills)).
		EventTime(Order.paidAt, stream.Punctuated(closed)).
		Filter(func(o Order) bool { return o.Customer != "" }).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(Order.cents)).
		To(sink.Table[stream.Pane[stream.NoKey, int64]](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key  start                end                  value
	//      2026-11-27 09:00:00  2026-11-27 10:00:00   1500
	//      2026-11-27 10:00:00  2026-11-27 11:00:00    700
}

// Two tills, of which the second sells nothing. After ten minutes of the clock,
// windows no longer wait for it.
func ExampleIdle() {
	tills := streamtest.NewInput[Order](2)
	p := stream.New("tills")
	takings := streamtest.Collect(p.From(tills).
		EventTime(Order.paidAt, stream.Idle(10*time.Minute)).
		Window(window.Tumbling(time.Hour)).
		Count())
	d := streamtest.Start(exampleTest{}, p) // in a test, t

	tills.PushTo(0, Order{PaidAt: clock("09:10")}, Order{PaidAt: clock("09:50")}, Order{PaidAt: clock("10:05")})
	d.Settle()
	fmt.Println("at first", len(takings.Take()), "hours")

	d.Advance(9 * time.Minute)
	tills.PushTo(0, Order{PaidAt: clock("10:15")})
	d.Settle()
	d.Advance(time.Minute) // the second till has been silent for ten minutes now
	for _, hour := range takings.Take() {
		fmt.Println("from", hour.Start.Format("15:04"), hour.Value, "orders")
	}
	// Output:
	// at first 0 hours
	// from 09:00 2 orders
}

// The only till closes for the night. The last hour is reported all the same,
// five minutes after it would have been.
func ExampleAdvanceWhenQuiet() {
	till := streamtest.NewInput[Order]()
	p := stream.New("till")
	takings := streamtest.Collect(p.From(till).
		EventTime(Order.paidAt, stream.AdvanceWhenQuiet(5*time.Minute)).
		Window(window.Tumbling(time.Hour)).
		Count())
	d := streamtest.Start(exampleTest{}, p, streamtest.At(clock("21:40"))) // in a test, t

	till.Push(Order{PaidAt: clock("21:10")}, Order{PaidAt: clock("21:40")})
	d.Settle()
	d.Advance(24 * time.Minute)
	fmt.Println("at", d.Now().Format("15:04"), len(takings.Take()), "hours")
	d.Advance(time.Minute)
	for _, hour := range takings.Take() {
		fmt.Println("at", d.Now().Format("15:04"), "from", hour.Start.Format("15:04"), hour.Value, "orders")
	}
	// Output:
	// at 22:04 0 hours
	// at 22:05 from 21:00 2 orders
}

// A till whose clock is wrong does not make the orders of the others late.
func ExampleMaxAhead() {
	till := streamtest.NewInput[Order]()
	p := stream.New("till")
	var wrong stream.Failures[Order]
	streamtest.Collect(p.From(till).
		EventTime(Order.paidAt, stream.MaxAhead(time.Hour), stream.Divert(&wrong)))
	failed := streamtest.Collect(wrong.Stream())
	d := streamtest.Start(exampleTest{}, p, streamtest.At(clock("21:40"))) // in a test, t

	till.Push(Order{ID: 1, PaidAt: clock("21:40")}, Order{ID: 2, PaidAt: clock("21:40").AddDate(73, 0, 0)})
	d.Settle()
	for _, f := range failed.Take() {
		fmt.Println("order", f.Value.ID, "of the year", f.Value.PaidAt.Year())
	}
	// Output: order 2 of the year 2099
}

// The log of one shop waits once it is more than an hour ahead of the other's.
func ExampleMaxDrift() {
	shops := streamtest.NewInput[Order](2)
	p := stream.New("two shops")
	read := streamtest.Collect(p.From(shops).
		EventTime(Order.paidAt, stream.MaxDrift(time.Hour)).
		Map(func(o Order) string { return o.Shop + o.PaidAt.Format(" 15:04") }))
	d := streamtest.Start(exampleTest{}, p, streamtest.BatchSize(1)) // in a test, t

	for _, paid := range []string{"09:00", "10:00", "11:00", "12:00"} {
		shops.PushTo(0, Order{Shop: "oslo", PaidAt: clock(paid)})
	}
	shops.PushTo(1, Order{Shop: "lyon", PaidAt: clock("09:00")})
	d.Settle()
	fmt.Println(read.Take())

	shops.PushTo(1, Order{Shop: "lyon", PaidAt: clock("10:30")})
	d.Settle()
	fmt.Println(read.Take())
	// Output:
	// [oslo 09:00 lyon 09:00 oslo 10:00 oslo 11:00]
	// [lyon 10:30 oslo 12:00]
}

// What every operator can be told, EventTime is told beside what is its own.
func ExampleOption() {
	p := stream.New("named")
	p.From(source.Slice([]Order{{ID: 1, PaidAt: clock("09:00")}, {ID: 2}})).
		EventTime(Order.paidAt, stream.Name("paid at"), stream.SkipFailures()).
		To(sink.Discard[Order]())
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	s, _ := p.Stats().Operator("paid at")
	fmt.Println(s.Failed, "order has no time that could be true")
	// Output: 1 order has no time that could be true
}

// Windows go by event time, which a slice does not have by itself.
func ExampleErrNoTime() {
	p := stream.New("no time")
	p.From(source.Slice(orders)).
		KeyBy(Order.shop).
		Window(window.Tumbling(time.Hour)).
		Count(stream.Name("hourly")).
		To(sink.Discard[stream.Pane[string, int64]]())
	err := p.Run(context.Background())
	fmt.Println(errors.Is(err, stream.ErrNoTime), err)
	// Output: true stream: hourly: its events have no event time: call EventTime before it, or use a source that has it
}
