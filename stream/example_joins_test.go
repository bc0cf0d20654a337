package stream_test

import (
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

var (
	items = []Item{
		{"c1", "tea", clock("09:00")},
		{"c2", "salt", clock("09:10")},
		{"c3", "rice", clock("09:20")},
	}
	checkouts = []Checkout{
		{"c1", clock("09:12")},
		{"c2", clock("10:30")},
	}
	prices = []Price{
		{"tea", 400, clock("08:00")},
		{"salt", 90, clock("08:00")},
		{"tea", 450, clock("09:05")},
	}
)

// Which items were paid for within half an hour of being put into the cart,
// and which were not.
func ExampleKeyed_IntervalJoin() {
	p := stream.New("conversion")
	added := p.From(source.Slice(items)).EventTime(Item.addedAt).KeyBy(Item.cart)
	paid := p.From(source.Slice(checkouts)).EventTime(Checkout.paidAt).KeyBy(Checkout.cart)
	added.IntervalJoin(paid, 0, 30*time.Minute, stream.LeftOuter,
		func(m stream.Match[Item, Checkout]) string {
			if !m.HasRight {
				return m.Left.Product + " was left behind"
			}
			return fmt.Sprintf("%s was bought after %v", m.Left.Product, m.Right.PaidAt.Sub(m.Left.AddedAt))
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// tea was bought after 12m0s
	// salt was left behind
	// rice was left behind
}

// What an item cost at the moment when it was put into the cart.
func ExampleKeyed_AsOfJoin() {
	p := stream.New("price at the time")
	added := p.From(source.Slice(items)).EventTime(Item.addedAt).KeyBy(Item.product)
	valid := p.From(source.Slice(prices)).EventTime(Price.from).KeyBy(Price.product)
	added.AsOfJoin(valid, stream.LeftOuter, func(m stream.Match[Item, Price]) string {
		if !m.HasRight {
			return m.Left.Product + " has no price"
		}
		return fmt.Sprintf("%s cost %d", m.Left.Product, m.Right.Cents)
	}).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// tea cost 400
	// salt cost 90
	// rice has no price
}

func ExampleKeyed_WindowJoin() {
	p := stream.New("same hour")
	added := p.From(source.Slice(items)).EventTime(Item.addedAt).KeyBy(Item.cart)
	paid := p.From(source.Slice(checkouts)).EventTime(Checkout.paidAt).KeyBy(Checkout.cart)
	added.WindowJoin(paid, window.Tumbling(time.Hour), stream.FullOuter,
		func(m stream.Match[Item, Checkout]) string {
			switch {
			case !m.HasRight:
				return "only " + m.Left.Product
			case !m.HasLeft:
				return "only a payment for " + m.Right.Cart
			}
			return m.Left.Product + " and its payment"
		}).
		Map(func(p stream.Pane[string, string]) string { return p.Start.Format("15:04 ") + p.Value }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 09:00 tea and its payment
	// 09:00 only salt
	// 09:00 only rice
	// 10:00 only a payment for c2
}

func ExampleKeyed_CoGroup() {
	p := stream.New("visits")
	views := []View{{"ann", "/tea", clock("09:00")}, {"ann", "/salt", clock("09:02")}, {"bob", "/tea", clock("09:03")}}
	seen := p.From(source.Slice(views)).EventTime(View.at).KeyBy(View.visitor)
	bought := p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).KeyBy(Order.customer)
	seen.CoGroup(bought, window.Tumbling(10*time.Minute), func(g stream.Pane[string, stream.Group[View, Order]]) string {
		return fmt.Sprintf("%s %s: %d views, %d orders", g.Start.Format("15:04"), g.Key, len(g.Value.Left), len(g.Value.Right))
	}).
		Map(func(p stream.Pane[string, string]) string { return p.Value }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 09:00 ann: 2 views, 1 orders
	// 09:00 bob: 1 views, 1 orders
	// 09:00 cyd: 0 views, 1 orders
	// 09:10 ann: 0 views, 1 orders
	// 09:10 bob: 0 views, 1 orders
}

// An item of which the table has no price is given alone.
func ExampleKeyed_TableJoin() {
	p := stream.New("latest price")
	list := p.From(source.Slice(prices)).KeyBy(Price.product)
	p.From(source.Slice(items)).KeyBy(Item.product).
		TableJoin(list, stream.LeftOuter, func(m stream.Match[Item, Price]) string {
			return fmt.Sprintf("%s: %v", m.Left.Product, m.HasRight)
		}).
		Filter(func(line string) bool { return line == "rice: false" }). // the others depend on who comes first
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: rice: false
}

// What comes too late for a join is a stream of its own.
func ExampleLateLeft() {
	var late stream.Side[Order]
	p := stream.New("late orders")
	prices := p.From(source.Slice([]Price{{"lyon", 1, clock("09:00")}, {"oslo", 1, clock("09:00")}})).EventTime(Price.from).KeyBy(Price.product)
	p.From(source.Slice(orders), stream.Name("orders")).EventTime(Order.paidAt, stream.Name("paid")).KeyBy(Order.shop).
		AsOfJoin(prices, stream.Inner, func(m stream.Match[Order, Price]) int { return m.Left.ID }, stream.LateLeft(&late)).
		To(sink.Discard[int]())
	late.Stream().Map(func(o Order) string { return fmt.Sprint("order ", o.ID, " came behind one that was paid later") }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// order 3 came behind one that was paid later
}
