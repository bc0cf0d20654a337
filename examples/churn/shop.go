package main

import (
	"time"

	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/mining"
)

type (
	// An Order is an invoice of a customer, its lines added up.
	Order = retail.Order
	// A History is what is known of a customer: all that the models see is made of it.
	History = retail.History
	// Money is an amount in thousandths of a pound.
	Money = retail.Money
)

// names are those of the features.
var names = retail.Names

// again is the label that an order is for those before it.
func again(Order) float64 { return 1 }

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

// snapshot returns the customers as they were known at the cutoff, with 1 for those who ordered again within the horizon.
func (s *shop) snapshot() *mining.Table { return retail.Snapshot(s.orders, s.cutoff, horizon) }
