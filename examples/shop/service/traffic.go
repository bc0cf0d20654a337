package service

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

// Traffic is a made-up day: what visitors do to the shop's log, its carts and its tables, in
// the order in which it is done there.
type Traffic []step

// A step is one thing that is done.
type step struct {
	at time.Time // by the shop's clock

	hit      *Hit   // a line in the log
	cart     *Cart  // a hash that is set
	gone     string // the visitor whose hash is deleted
	order    *Order // a row of orders, or a record of a topic, and its units out of the stock
	lane     int    // in which the order comes
	delivery *Stock // units into the stock
}

const (
	products     = 6 // of each category
	initialStock = 60
	delivered    = 40 // units at once
)

var (
	categories = []string{"coffee", "cocoa", "tea"}
	opening    = time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	day        = 10 * time.Hour
)

func skuOf(category string, i int) string { return fmt.Sprintf("%s-%02d", category, i) }

// A laneFunc says in which of how many lanes the orders of a visitor come. Order means something inside of a lane only.
type laneFunc func(visitor string) (lane, of int)

// single is the lane of a table.
func single(string) (lane, of int) { return 0, 1 }

// newTraffic makes up a day with so many orders, of which the last one of each lane closes it.
func newTraffic(seed uint64, orders int, lane laneFunc) Traffic {
	_, lanes := lane("")
	m := maker{Rand: rand.New(rand.NewPCG(seed, 13)), left: orders - 1, lane: lane, lanes: lanes}
	for visitor := 0; m.left > 0; visitor++ {
		cart := Cart{Visitor: fmt.Sprintf("visitor-%d", visitor)}
		at := opening.Add(m.between(0, day))
		for m.visit(&cart, at); m.oneIn(3); m.visit(&cart, at) { // who comes back finds what was left in the cart
			at = at.Add(m.between(2*time.Hour, 4*time.Hour))
		}
	}
	slices.SortStableFunc(m.steps, func(a, b step) int { return a.at.Compare(b.at) })
	m.deliver()
	m.close()
	return m.steps
}

// A maker makes up traffic.
type maker struct {
	*rand.Rand
	steps Traffic
	left  int // orders that are still to be made
	lane  laneFunc
	lanes int
}

func (m *maker) oneIn(n int) bool { return m.IntN(n) == 0 }

// between returns a duration in whole milliseconds, as the log and the tables have times.
func (m *maker) between(least, most time.Duration) time.Duration {
	return (least + time.Duration(m.Int64N(int64(most-least)))).Truncate(time.Millisecond)
}

// lesser returns a number below n, the lesser the likelier.
func (m *maker) lesser(n int) int { return min(m.IntN(n), m.IntN(n)) }

// visit is what a visitor does: looks at products, puts some into the cart, and orders that or
// not. No pause is longer than two minutes.
func (m *maker) visit(cart *Cart, at time.Time) {
	var order *Order
	for range 2 + m.IntN(4) {
		category := categories[m.lesser(len(categories))]
		sku := skuOf(category, m.lesser(products))
		m.hit(Hit{at, cart.Visitor, "GET /" + sku + " HTTP/1.1", 200})
		at = at.Add(m.between(time.Second, 2*time.Minute))
		if m.oneIn(4) {
			units, price := 1+m.Int64N(3), 199+m.Int64N(1500)
			order = &Order{Visitor: cart.Visitor, SKU: sku, Category: category, Units: units}
			m.hit(Hit{at, cart.Visitor, "POST /cart HTTP/1.1", 303})
			cart.Items, cart.Cents, cart.At = cart.Items+units, cart.Cents+units*price, at
			touched := *cart
			m.steps = append(m.steps, step{at: at, cart: &touched})
			at = at.Add(m.between(time.Second, 2*time.Minute))
		}
	}
	if order == nil || m.left == 0 || m.oneIn(2) {
		return
	}
	m.left--
	order.Cents, order.PaidAt = cart.Cents, at
	m.steps = append(m.steps, step{at: at, gone: cart.Visitor}, step{at: at.Add(m.payment(at)), order: order})
	*cart = Cart{Visitor: cart.Visitor}
}

// hit is a line, which is written when the answer is sent. One in 200 is hours late.
func (m *maker) hit(h Hit) {
	delay := m.between(0, 20*time.Second)
	if m.oneIn(200) {
		delay += m.between(2*time.Hour, 3*time.Hour)
	}
	m.steps = append(m.steps, step{at: h.At.Add(delay), hit: &h})
}

// payment is how long it takes until an order that was paid is in its table. One in 25 takes
// minutes, and changes figures that were shown; some of the morning take hours, and are too late.
func (m *maker) payment(at time.Time) time.Duration {
	switch {
	case m.oneIn(25):
		return m.between(4*time.Minute, 6*time.Minute)
	case m.oneIn(50) && at.Before(opening.Add(day/2)):
		return m.between(3*time.Hour, 4*time.Hour)
	}
	return m.between(0, 15*time.Second)
}

// deliver numbers the orders, and fills up the stock of what is about to be sold out.
func (m *maker) deliver() {
	stock, id := initial(), int64(0)
	var all Traffic
	for _, s := range m.steps {
		if s.order != nil {
			s.lane, _ = m.lane(s.order.Visitor)
		}
		all = append(all, s)
		if s.order == nil {
			continue
		}
		id++
		s.order.ID = id
		stock[s.order.SKU] -= s.order.Units
		if units := stock[s.order.SKU]; units < 5 || units < 15 && m.oneIn(8) {
			stock[s.order.SKU] += delivered
			all = append(all, step{at: s.at, delivery: &Stock{s.order.SKU, delivered}})
		}
	}
	m.steps = all
}

// initial is the stock in the morning.
func initial() map[string]int64 {
	stock := map[string]int64{}
	for _, category := range categories {
		for i := range products {
			stock[skuOf(category, i)] = initialStock
		}
	}
	return stock
}

// closing is the visitor who comes a day later than all others. So the windows of the day close.
const closing = "closing"

func (m *maker) close() {
	at := opening.Add(2 * 24 * time.Hour)
	if n := len(m.steps); n > 0 {
		at = m.steps[n-1].at.Add(24 * time.Hour)
	}
	m.steps = append(m.steps, step{at: at, hit: &Hit{at, closing, "GET / HTTP/1.1", 200}})
	for lane := range m.lanes {
		order := &Order{ID: 1<<40 + int64(lane), Visitor: m.closer(lane), SKU: skuOf(closing, 0), Category: closing, PaidAt: at}
		m.steps = append(m.steps, step{at: at, order: order, lane: lane})
	}
	m.steps = append(m.steps, step{at: at, cart: &Cart{Visitor: closing, At: at}})
}

// closer returns a visitor whose orders come in a lane: a window is over when all lanes are past it.
func (m *maker) closer(lane int) string {
	for name, i := closing, 2; ; i++ {
		if in, _ := m.lane(name); in == lane {
			return name
		}
		name = fmt.Sprint(closing, "-", i)
	}
}

// lanes returns in how many lanes the orders come.
func (t Traffic) lanes() (n int) {
	for _, s := range t {
		n = max(n, s.lane+1)
	}
	return n
}

// Orders are all orders, in the order in which they are placed.
func (t Traffic) Orders() iter.Seq[*Order] {
	return func(yield func(*Order) bool) {
		for _, s := range t {
			if s.order != nil && !yield(s.order) {
				return
			}
		}
	}
}

// String says how much there is of what.
func (t Traffic) String() string {
	var hits, carts, orders int64
	for _, s := range t {
		switch {
		case s.hit != nil:
			hits++
		case s.order != nil:
			orders++
		case s.cart != nil || s.gone != "":
			carts++
		}
	}
	return fmt.Sprintf("%s hits, %s changes of carts, %s orders", thousands(hits), thousands(carts), thousands(orders))
}
