package stream_test

import (
	"fmt"
	"testing"
	"time"
)

// An Order is what the shop's customers pay for.
type Order struct {
	ID       int       `json:"id"`
	Shop     string    `json:"shop"`
	Customer string    `json:"customer"`
	Cents    int64     `json:"cents"`
	PaidAt   time.Time `json:"paid_at"`
}

func (o Order) id() int           { return o.ID }
func (o Order) shop() string      { return o.Shop }
func (o Order) customer() string  { return o.Customer }
func (o Order) cents() int64      { return o.Cents }
func (o Order) paidAt() time.Time { return o.PaidAt }

// orders are those of a morning, as they arrive: the third was paid for before
// the second.
var orders = []Order{
	{1, "oslo", "ann", 1200, clock("09:01")},
	{2, "lyon", "bob", 300, clock("09:04")},
	{3, "oslo", "cyd", 4500, clock("09:03")},
	{4, "lyon", "ann", 700, clock("09:11")},
	{5, "oslo", "bob", 800, clock("09:15")},
}

// A View is a page that a visitor of the shop looked at.
type View struct {
	Visitor string    `json:"visitor"`
	Page    string    `json:"page"`
	At      time.Time `json:"at"`
}

func (v View) visitor() string { return v.Visitor }
func (v View) at() time.Time   { return v.At }

// A Price is what a product costs from some time on.
type Price struct {
	Product string
	Cents   int64
	From    time.Time
}

func (p Price) product() string { return p.Product }
func (p Price) from() time.Time { return p.From }

// An Item is a product that was put into a cart.
type Item struct {
	Cart, Product string
	AddedAt       time.Time
}

func (i Item) cart() string       { return i.Cart }
func (i Item) product() string    { return i.Product }
func (i Item) addedAt() time.Time { return i.AddedAt }

// A Checkout is a cart that was paid for.
type Checkout struct {
	Cart   string
	PaidAt time.Time
}

func (c Checkout) cart() string      { return c.Cart }
func (c Checkout) paidAt() time.Time { return c.PaidAt }

// clock returns a time on the day of the examples: clock("09:01").
func clock(hourMinute string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-11-27 "+hourMinute)
	if err != nil {
		panic(err)
	}
	return t
}

// An exampleTest stands in for the *testing.T that streamtest.Start takes in a
// test: where a test would fail, it panics.
type exampleTest struct{ testing.TB }

func (exampleTest) Helper()                        {}
func (exampleTest) Cleanup(func())                 {}
func (exampleTest) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
