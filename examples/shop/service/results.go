package service

import (
	"iter"
	"time"

	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A Visit is what a visitor does in the shop without a longer pause.
type Visit struct{ Hits, Orders int }

func visitOf(p stream.Pane[string, stream.Group[Hit, Order]]) Visit {
	return Visit{len(p.Value.Left), len(p.Value.Right)}
}

func bought(p stream.Pane[string, Visit]) bool { return p.Value.Orders > 0 }

// An Hour is a row of the table conversion: how many visits were over in it, and of how many
// the visitor has bought.
type Hour struct {
	Start  time.Time `sql:"hour,key"`
	Visits int64     `sql:"visits"`
	Bought int64     `sql:"bought"`
}

var conversion = window.Struct(
	window.Field(window.Count[stream.Pane[string, Visit]](), func(h *Hour, n int64) { h.Visits = n }),
	window.Field(window.Where(bought, window.Count[stream.Pane[string, Visit]]()), func(h *Hour, n int64) { h.Bought = n }),
)

func hourOf(p stream.Pane[stream.NoKey, Hour]) Hour {
	p.Value.Start = p.Start
	return p.Value
}

// A Minute is a row of the table revenue.
type Minute struct {
	Start  time.Time `sql:"minute,key"`
	Orders int64     `sql:"orders"`
	Cents  int64     `sql:"cents"`
}

var revenue = window.Struct(
	window.Field(window.Count[Order](), func(m *Minute, n int64) { m.Orders = n }),
	window.Field(window.Sum(Order.cents), func(m *Minute, n int64) { m.Cents = n }),
)

func minuteOf(p stream.Pane[stream.NoKey, Minute]) Minute {
	p.Value.Start = p.Start
	return p.Value
}

// A board is the sorted set of what sold best in a category and an hour: "top:tea:2026-11-27T09".
type board = stream.Pane[string, []window.Ranked[string, int64]]

func boardOf(b board) string { return boardKey(b.Key, b.Start) }

func boardKey(category string, hour time.Time) string {
	return "top:" + category + ":" + hour.Format("2006-01-02T15")
}

func membersOf(b board) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, product := range b.Value {
			if !yield(product.Key, float64(product.Weight)) {
				return
			}
		}
	}
}

// A watched cart is one of which it is known when it was last touched.
type watched struct {
	Cart
	Left bool // it is among the abandoned ones
}

type cartContext = stream.KeyContext[string, watched, stream.Change[Cart]]

// touched is called for each change of a cart.
func touched(c *cartContext, change stream.Change[Cart]) error {
	cart := c.State()
	if cart.Left {
		c.Emit(stream.Change[Cart]{Kind: stream.Delete, Before: cart.Cart, HasBefore: true})
	}
	if change.Kind == stream.Delete { // it was ordered
		c.Clear()
		return nil
	}
	*cart = watched{Cart: change.After}
	c.SetTimer(cart.At.Add(patience))
	return nil
}

// left is called when patience may have run out.
func left(c *cartContext) error {
	cart := c.State()
	if !cart.At.Add(patience).Equal(c.Time()) {
		return nil // it was touched since, or ordered
	}
	cart.Left = true
	c.Emit(stream.Change[Cart]{Kind: stream.Insert, After: cart.Cart})
	return nil
}

// alert passes on what makes stock low, and what ends that.
func alert(c stream.Change[Stock]) (stream.Change[Stock], bool) {
	was := c.HasBefore && c.Before.low()
	switch is := c.Kind != stream.Delete && c.After.low(); {
	case is:
		return c, true
	case was:
		return stream.Change[Stock]{Kind: stream.Delete, Before: c.Before, HasBefore: true}, true
	}
	return c, false
}

// Counter counts events in a field of the hash "counters".
func Counter[T any](s Shop, field string) stream.Sink[T] {
	return redissink.ExactlyOnce(redissink.Commands(s.redis, func(_ T, do func(name, key string, args ...any)) {
		do("HINCRBY", "counters", field, 1)
	}))
}
