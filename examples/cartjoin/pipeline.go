package main

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

const (
	// Each of the streams is out of order by this much at most.
	disorder = 30 * time.Second
	// An item is bought if its cart is ordered by then, and a cart is left
	// behind if nothing happens for longer.
	patience = 30 * time.Minute
)

// pipeline says what is made of the three streams, and returns what they will
// have come to when the pipeline has run.
func pipeline(put stream.Stream[Item], placed stream.Stream[Order], set stream.Stream[Price]) *found {
	f := &found{}
	sound, bad := stream.Try(put, check, stream.Name("check"))
	bad.To(sink.Func(f.letters.add), stream.Name("dead letters"))

	items := sound.EventTime(Item.PutAt, stream.Disorder(disorder), stream.Name("put at"))
	orders := placed.EventTime(Order.PlacedAt, stream.Disorder(disorder), stream.Name("placed at"))
	prices := set.EventTime(Price.ValidFrom, stream.Disorder(disorder), stream.Name("valid from"))
	day := window.Global()

	// As-of join: what each item cost when it was put into the cart.
	priced, unpriced := items.KeyBy(Item.Product, stream.Name("items by product")).
		AsOfJoin(prices.KeyBy(Price.Product, stream.Name("prices by product")), stream.LeftOuter, priceOf, stream.Name("price of the time")).
		Split(Priced.known, stream.Name("has a price"))
	unpriced.Window(day, stream.Name("without a price")).Count().To(&f.unpriced)

	// Interval join: which items were bought soon after.
	outcomes := priced.KeyBy(Priced.Cart, stream.Name("items by cart")).
		IntervalJoin(orders.KeyBy(Order.Cart, stream.Name("orders by cart")), 0, patience, stream.LeftOuter, outcomeOf, stream.Name("bought soon"))
	outcomes.Window(day, stream.Name("conversion")).Aggregate(conversion).To(&f.conversion)
	outcomes.Window(day, stream.Name("left behind")).
		Aggregate(window.Where(Outcome.left, window.TopK(3, Outcome.Product, Outcome.Value))).
		To(&f.left)

	// Session windows: a visit is what a customer does without a longer
	// pause, and leaves the cart behind if it has items and no order.
	visits := priced.Map(itemStep, stream.Name("put")).Merge(orders.Map(orderStep, stream.Name("ordered"))).
		KeyBy(Step.Customer, stream.Name("by customer")).
		Window(window.Session(patience+1), stream.Name("visits")). // +1: a session ends where the pause is its gap or more
		Reduce(Step.and)
	abandoned := visits.Filter(isAbandoned, stream.Name("abandoned"))
	visits.Window(day, stream.Name("all visits")).Count().To(&f.visits)
	abandoned.Window(day, stream.Name("all abandoned")).Aggregate(window.Sum(valueOf)).To(&f.abandonedValue)
	abandoned.Window(window.Tumbling(time.Hour), stream.Name("abandoned by hour")).Count().To(&f.abandoned)
	return f
}

// check is the error of an item that cannot be.
func check(_ context.Context, i Item) (Item, error) {
	if i.units <= 0 {
		return i, fmt.Errorf("cart %s has %d of %s", i.cart, i.units, i.product)
	}
	return i, nil
}

// Priced is an item with its price, if there is one.
type Priced struct {
	Item
	price Money
	found bool
}

func priceOf(m stream.Match[Item, Price]) Priced { return Priced{m.Left, m.Right.price, m.HasRight} }

func (p Priced) known() bool  { return p.found }
func (p Priced) Value() Money { return Money(p.units) * p.price }

// An Outcome is what became of an item.
type Outcome struct {
	Priced
	bought bool
	wait   time.Duration // from the cart to the order
}

func outcomeOf(m stream.Match[Priced, Order]) Outcome {
	o := Outcome{Priced: m.Left, bought: m.HasRight}
	if m.HasRight {
		o.wait = m.Right.at.Sub(m.Left.at)
	}
	return o
}

func (o Outcome) sold() bool          { return o.bought }
func (o Outcome) left() bool          { return !o.bought }
func (o Outcome) Wait() time.Duration { return o.wait }

// A Sum is what a number of items comes to.
type Sum struct {
	Items int64
	Value Money
}

func sumOf(items int64, value Money) Sum { return Sum{items, value} }

// Conversion is how much of what was put into carts was bought.
type Conversion struct {
	Put, Bought Sum
	Wait        time.Duration // from cart to order, of all that was bought together
}

var (
	sum        = window.Both(window.Count[Outcome](), window.Sum(Outcome.Value), sumOf)
	conversion = window.Both(sum, window.Where(Outcome.sold, window.Both(sum, window.Sum(Outcome.Wait), boughtAfter)),
		func(put Sum, c Conversion) Conversion {
			c.Put = put
			return c
		})
)

func boughtAfter(bought Sum, wait time.Duration) Conversion {
	return Conversion{Bought: bought, Wait: wait}
}

// A Step is something that a customer did, or all of a visit.
type Step struct {
	customer      string
	items, orders int64
	value         Money
}

func itemStep(p Priced) Step { return Step{customer: p.customer, items: 1, value: p.Value()} }
func orderStep(o Order) Step { return Step{customer: o.customer, orders: 1} }

func (s Step) Customer() string { return s.customer }

// and returns both steps as one.
func (s Step) and(t Step) Step {
	return Step{s.customer, s.items + t.items, s.orders + t.orders, s.value + t.value}
}

func isAbandoned(visit stream.Pane[string, Step]) bool {
	return visit.Value.items > 0 && visit.Value.orders == 0
}

func valueOf(visit stream.Pane[string, Step]) Money { return visit.Value.value }
