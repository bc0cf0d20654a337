package main

import (
	"fmt"
	"time"
)

// An Item is something that a customer has put into a cart.
type Item struct {
	cart, customer, product string
	units                   int64
	at                      time.Time
}

func (i Item) Cart() string     { return i.cart }
func (i Item) Product() string  { return i.product }
func (i Item) PutAt() time.Time { return i.at }

// An Order says that a cart has been ordered.
type Order struct {
	cart, customer string
	at             time.Time
}

func (o Order) Cart() string        { return o.cart }
func (o Order) PlacedAt() time.Time { return o.at }

// A Price is what a product costs from a time on, until its next price.
type Price struct {
	product string
	price   Money
	from    time.Time
}

func (p Price) Product() string      { return p.product }
func (p Price) ValidFrom() time.Time { return p.from }

// Money is an amount in cents: whole numbers, so that a sum is exact in
// whatever order it is added up.
type Money int64

// String writes commas and two decimals: "10,666,684.54".
func (m Money) String() string {
	return fmt.Sprintf("%s.%02d", count(int64(m)/100), m%100)
}

// count writes a number that is not negative with commas: "541,909".
func count(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
