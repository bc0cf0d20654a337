package main

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

var (
	opening = time.Date(2025, 12, 1, 8, 0, 0, 0, time.UTC)
	closing = time.Date(2026, 12, 9, 18, 0, 0, 0, time.UTC)
)

// newShop makes a year of a shop of so many customers. Each buys at a rate of their own until they give the shop up, which
// may be after any order: nobody says so, and a model has to guess it. From rival on, customers are more likely to.
func newShop(seed uint64, customers int) *shop {
	r := rand.New(rand.NewPCG(seed, 90))
	s := &shop{name: fmt.Sprintf("a made-up shop of %d customers, seed %d", customers, seed), cutoff: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}
	for c := range customers {
		s.orders = append(s.orders, newCustomer(r, c+1)...)
	}
	slices.SortStableFunc(s.orders, func(a, b Order) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Customer, b.Customer))
	})
	return s
}

// rival is when another shop opened.
var rival = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// newCustomer returns the orders of a customer.
func newCustomer(r *rand.Rand, number int) (orders []Order) {
	pause := math.Exp(3.2 + 0.9*r.NormFloat64()) // days from order to order
	taste := 5 + r.IntN(60)                      // how many products they look at
	basket := math.Exp(2 + 0.8*r.NormFloat64())  // lines
	leaves := 0.4 * r.Float64() / (1 + basket/8) // the chance to, after each order
	year := closing.Sub(opening).Hours() / 24
	for day := year * r.Float64() * r.Float64(); day < year; day += pause * r.ExpFloat64() {
		at := opening.AddDate(0, 0, int(day)).Add(time.Duration(r.IntN(10*60)) * time.Minute)
		o := Order{Customer: number, Invoice: fmt.Sprintf("%d-%d", number, len(orders)+1), From: at, At: at}
		for range 1 + min(60, int(basket*r.ExpFloat64())) {
			o.Lines++
			o.Paid += Money(500 + r.IntN(12_000))
			if sku := fmt.Sprintf("sku-%d", number%40+r.IntN(taste)); !slices.Contains(o.SKUs, sku) {
				o.SKUs = append(o.SKUs, sku)
			}
		}
		orders = append(orders, o)
		chance := leaves
		if at.After(rival) {
			chance += 0.3 * r.Float64()
		}
		if r.Float64() < chance {
			break
		}
	}
	return orders
}
