package main

import (
	"context"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

const (
	// Tills send orders out of order by this much at most.
	disorder = 30 * time.Second
	// Now and then an order is later still: windows wait for it this long.
	lateness = 15 * time.Minute
)

// pipeline says what is made of the lines, and returns what they will have
// come to when the pipeline has run.
func pipeline(lines stream.Stream[Order], unreadable stream.Stream[stream.Failed[[]byte]]) *found {
	return pipelineOf(&found{}, lines, unreadable)
}

func pipelineOf(f *found, lines stream.Stream[Order], unreadable stream.Stream[stream.Failed[[]byte]]) *found {
	// Clean: a line without a time and a record that is no order are put aside.
	var undated stream.Failures[Order]
	orders := lines.EventTime(Order.PaidAt, stream.Disorder(disorder),
		stream.Name("paid at"), stream.Divert(&undated))
	unreadable.Map(letterOf[[]byte], stream.Name("unreadable")).
		Merge(undated.Stream().Map(letterOf[Order], stream.Name("undated"))).
		To(toLetters(f), stream.Name("dead letters"))

	refunds, rest := orders.Split(Order.Refunded, stream.Name("refunds or sales"))
	sales, others := rest.Split(Order.Sold, stream.Name("sales or others"))

	// Totals: of all time, and of each day.
	allTime := window.Global()
	sales.Window(allTime, stream.Name("sales")).Aggregate(total).To(to(f, "sales", &f.sales))
	refunds.Window(allTime, stream.Name("refunds")).Aggregate(total).To(to(f, "refunds", &f.refunds))
	others.Window(allTime, stream.Name("others")).Count().To(to(f, "others", &f.others))
	sales.Filter(Order.HasCustomer).Window(allTime, stream.Name("known customers")).Aggregate(totalKnown).To(to(f, "known", &f.known))
	sales.Window(window.Tumbling(24*time.Hour), stream.Name("days")).Aggregate(revenue).To(to(f, "days", &f.days))

	// Revenue by category, in minutes and in hours.
	categories := sales.KeyBy(Order.Category, stream.Name("by category"))
	minutes := categories.Window(window.Tumbling(time.Minute, window.Lateness(lateness)), stream.Name("minutes"))
	f.byMinute = minutes.Aggregate(revenue)
	f.byMinute.To(to(f, "minutes", &f.minutes))
	minutes.Late().Window(allTime, stream.Name("too late")).Aggregate(total).To(to(f, "late", &f.late))
	f.hourly = categories.Window(window.Tumbling(time.Hour, window.Lateness(lateness)), stream.Name("hours")).Aggregate(revenue)
	f.hourly.To(to(f, "hours", &f.hours))

	// Top products: by units of all time, and by revenue in a sliding hour.
	sales.Window(allTime, stream.Name("top of all")).Aggregate(window.TopK(5, Order.Product, Order.Units)).To(to(f, "best", &f.best))
	sales.Window(window.Sliding(time.Hour, 10*time.Minute, window.Lateness(lateness)), stream.Name("top of the hour")).
		Aggregate(window.TopK(3, Order.Product, Order.Amount)).To(to(f, "top", &f.top))
	return f
}

// Total is what a number of lines comes to.
type Total struct {
	Lines             int64
	Amount            Money
	Orders, Customers int64 // where they are counted
}

var (
	revenue = window.Sum(Order.Amount)
	total   = window.Both(window.Count[Order](), revenue, func(lines int64, amount Money) Total {
		return Total{Lines: lines, Amount: amount}
	})
	totalKnown = window.Struct(
		window.Field(window.Count[Order](), func(t *Total, n int64) { t.Lines = n }),
		window.Field(revenue, func(t *Total, amount Money) { t.Amount = amount }),
		window.Field(window.Distinct(Order.Number), func(t *Total, n int64) { t.Orders = n }),
		window.Field(window.Distinct(Order.Customer), func(t *Total, n int64) { t.Customers = n }),
	)
)

// found is what the pipeline finds.
type found struct {
	sales, known, refunds, late overall[Total]
	others                      overall[int64]
	days                        overall[Money]
	best                        overall[[]window.Ranked[string, int64]]
	top                         overall[[]window.Ranked[string, Money]]
	minutes, hours              byCategory
	letters                     deadLetters

	folder  string                        // where workers of a cluster leave results; "" in one process
	commits bool                          // these appear when they are committed
	later   []func(context.Context) error // fetch them

	byMinute, hourly stream.Stream[stream.Pane[string, Money]] // of minutes and hours, for who wants to show them
}

type (
	overall[R any] = kept[stream.Pane[stream.NoKey, R]]
	byCategory     = kept[stream.Pane[string, Money]]
)
