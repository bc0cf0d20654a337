package service

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Books are those of a day whose orders stand in a table.
func (d Day) Books() Figures { return newTraffic(d.Seed, d.Orders, single).books() }

// books are the figures that the service has to find. They come of loops over the traffic: no
// stream, no window, no watermark.
func (s Shop) books(t Traffic) Figures {
	f := t.books()
	for _, r := range s.Results {
		r.Books(t, f)
	}
	return f
}

func (t Traffic) books() Figures {
	b := books{
		visits: map[string][]moment{}, minutes: map[time.Time]Minute{}, sold: map[string]map[string]int64{},
		carts: map[string]Cart{}, stock: initial(), counts: map[string]int64{},
		orders: make(clocks, t.lanes()),
	}
	for _, s := range t {
		switch {
		case s.hit != nil:
			b.hit(s.hit)
		case s.order != nil:
			b.order(s.order, &b.orders[s.lane])
		case s.cart != nil:
			b.carts[s.cart.Visitor] = *s.cart
			b.touched.see(s.cart.At)
		case s.gone != "":
			delete(b.carts, s.gone)
		case s.delivery != nil:
			b.stock[s.delivery.SKU] += s.delivery.Units
		}
	}
	return b.figures()
}

type books struct {
	hits, touched clock
	orders        clocks // of each lane

	visits  map[string][]moment         // by visitor
	minutes map[time.Time]Minute        // of revenue
	sold    map[string]map[string]int64 // units, by board and product
	carts   map[string]Cart
	stock   map[string]int64
	counts  map[string]int64
}

// A moment is when a visitor did something.
type moment struct {
	at     time.Time
	bought bool
}

// A clock is the latest time that was seen in one of the ways by which things come.
type clock struct{ latest time.Time }

func (c *clock) see(at time.Time) {
	if at.After(c.latest) {
		c.latest = at
	}
}

// over reports whether nothing from before end is waited for.
func (c *clock) over(end time.Time) bool { return !end.After(c.latest.Add(-disorder)) }

// clocks are those of several ways by which things of a kind come.
type clocks []clock

// over reports whether nothing from before end is waited for by any of them.
func (all clocks) over(end time.Time) bool {
	for i := range all {
		if !all[i].over(end) {
			return false
		}
	}
	return true
}

func (b *books) hit(h *Hit) {
	if b.hits.see(h.At); b.hits.over(h.At.Add(1)) {
		b.counts["hits too late"]++
		return
	}
	b.visits[h.Visitor] = append(b.visits[h.Visitor], moment{at: h.At})
}

// order takes an order that comes in a lane with a clock: that one says whether it is late.
func (b *books) order(o *Order, lane *clock) {
	lane.see(o.PaidAt)
	b.counts["orders"]++
	b.stock[o.SKU] -= o.Units
	if !lane.over(o.PaidAt.Add(patience)) {
		b.visits[o.Visitor] = append(b.visits[o.Visitor], moment{o.PaidAt, true})
	}
	if minute := o.PaidAt.Truncate(time.Minute); lane.over(minute.Add(time.Minute + lateness)) {
		b.counts["orders too late"]++
	} else {
		m := b.minutes[minute]
		b.minutes[minute] = Minute{minute, m.Orders + 1, m.Cents + o.Cents}
	}
	if hour := o.PaidAt.Truncate(time.Hour); !lane.over(hour.Add(time.Hour + lateness)) {
		key := boardKey(o.Category, hour)
		if b.sold[key] == nil {
			b.sold[key] = map[string]int64{}
		}
		b.sold[key][o.SKU] += o.Units
	}
}

// figures are what is shown of all that: windows that are over, carts that were left, stock that is low.
func (b *books) figures() Figures {
	f := newFigures()
	for start, h := range b.hours() {
		if end := start.Add(time.Hour); b.hits.over(end) && b.orders.over(end) {
			f.conversion(h)
		}
	}
	for _, m := range b.minutes {
		if b.orders.over(m.Start.Add(time.Minute)) {
			f.revenue(m)
		}
	}
	for key, units := range b.sold {
		if !strings.HasPrefix(key, "top:"+closing+":") {
			f.board(key, units)
		}
	}
	for _, c := range b.carts {
		if !c.At.Add(patience).After(b.touched.latest) {
			f.abandoned(c)
		}
	}
	for sku, units := range b.stock {
		if s := (Stock{sku, units}); s.low() && sku != skuOf(closing, 0) {
			f.alert(s)
		}
	}
	for name, n := range b.counts {
		f.Count(name, fmt.Sprint(n))
	}
	return f
}

// hours counts the visits by the hour in which they were over.
func (b *books) hours() map[time.Time]Hour {
	hours := map[time.Time]Hour{}
	for _, all := range b.visits {
		slices.SortFunc(all, func(x, y moment) int { return x.at.Compare(y.at) })
		bought := false
		for i, m := range all {
			bought = bought || m.bought
			if i+1 < len(all) && all[i+1].at.Sub(m.at) < patience {
				continue // the visit goes on
			}
			hour := m.at.Add(patience - 1).Truncate(time.Hour) // its last moment is that
			h := hours[hour]
			h.Start = hour
			if h.Visits++; bought {
				h.Bought++
			}
			hours[hour], bought = h, false
		}
	}
	return hours
}
