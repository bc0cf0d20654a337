package main

import (
	"math"
	"time"

	"github.com/freshet-go/freshet/mining"
)

// A History is what is known of a customer: all that the models see is made of it.
type History struct {
	First, Last time.Time
	Orders      int
	Paid        Money
	Lines       int
	SKUs        map[string]bool
}

// Add adds an order.
func (h *History) Add(o Order) {
	if h.Orders == 0 {
		h.First, h.SKUs = o.From, map[string]bool{}
	}
	if o.At.After(h.Last) {
		h.Last = o.At
	}
	h.Orders++
	h.Paid += o.Paid
	h.Lines += o.Lines
	for _, sku := range o.SKUs {
		h.SKUs[sku] = true
	}
}

// names are those of the features.
var names = []string{"days since the last order", "days since the first order", "orders", "revenue", "lines", "products"}

// Features appends what a model sees of a customer at a time. Counts and amounts are logarithms: from one
// order to two is as far as from ten to twenty.
func (h *History) Features(now time.Time, x *mining.Vector) {
	days := func(t time.Time) float64 { return now.Sub(t).Hours() / 24 }
	x.Append(days(h.Last), days(h.First), math.Log1p(float64(h.Orders)), math.Log1p(h.Paid.Pounds()),
		math.Log1p(float64(h.Lines)), math.Log1p(float64(len(h.SKUs))))
}
