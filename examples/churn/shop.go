package main

import (
	"time"
)

// An Order is an invoice of a customer, its lines added up.
type Order struct {
	Customer int
	Invoice  string
	From, At time.Time // of its first and its last line
	Paid     Money
	Lines    int
	SKUs     []string
}

func (o Order) customer() int       { return o.Customer }
func (o Order) placedAt() time.Time { return o.At }

// again is the label that an order is for those before it.
func (o Order) again() float64 { return 1 }

// Money is an amount in thousandths of a pound, as some goods cost less than a penny.
type Money int64

// Pounds returns the amount in pounds.
func (m Money) Pounds() float64 { return float64(m) / 1000 }

// A shop is a year of orders, in the order of their times.
type shop struct {
	name   string
	orders []Order
	cutoff time.Time // what customers do from then on is to be predicted
}

// horizon is for how long after the cutoff a customer has time to come back.
const horizon = 90 * 24 * time.Hour

// last returns the time of the last order.
func (s *shop) last() time.Time { return s.orders[len(s.orders)-1].At }
