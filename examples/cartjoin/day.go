package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"sort"
	"time"

	"github.com/freshet-go/freshet/window"
)

// A day is a made-up day of a shop: the three streams, out of order by up to
// delay, and the visits as they were.
type day struct {
	items  [][]Item // of two servers
	orders []Order
	prices []Price
	visits []visit
}

// A visit is a cart, and when it was ordered if it was.
type visit struct {
	items []Item
	order *Order
}

const (
	products = 40
	delay    = 20 * time.Second
)

var midnight = time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC)

// newDay makes a day of as many visits. The visits of a customer are hours apart.
func newDay(seed uint64, visits int) *day {
	r := rand.New(rand.NewPCG(seed, 17))
	d := &day{items: make([][]Item, 2)}
	for p := range products {
		for at := midnight; at.Before(midnight.Add(24 * time.Hour)); at = at.Add(time.Duration(1+r.IntN(180)) * time.Minute) {
			d.prices = append(d.prices, Price{product(p), Money(199 + 350*p + r.IntN(200)), at})
		}
	}
	const apart = 5 * time.Hour
	for i := range visits {
		customer := i / 4 // who comes up to four times a day
		habit := time.Duration(customer%240) * time.Minute
		start := midnight.Add(habit + apart*time.Duration(i%4) + time.Duration(r.IntN(7200))*time.Second)
		d.visits = append(d.visits, newVisit(r, fmt.Sprintf("cart-%d", i), fmt.Sprintf("c-%d", customer), start))
	}
	for _, v := range d.visits {
		for _, i := range v.items {
			server := r.IntN(len(d.items))
			d.items[server] = append(d.items[server], i)
		}
		if v.order != nil {
			d.orders = append(d.orders, *v.order)
		}
	}
	for _, items := range d.items {
		arrive(r, items, Item.PutAt)
	}
	arrive(r, d.orders, Order.PlacedAt)
	arrive(r, d.prices, Price.ValidFrom)
	return d
}

func product(i int) string { return fmt.Sprintf("product-%02d", i) }

// newVisit makes a cart of up to six items. It is ordered soon, at the last
// moment, too late, or never.
func newVisit(r *rand.Rand, cart, customer string, at time.Time) (v visit) {
	for range 1 + r.IntN(6) {
		i := Item{cart, customer, product(r.IntN(products)), 1 + r.Int64N(3), at}
		switch r.IntN(400) {
		case 0:
			i.units = 0 // which fails the check
		case 1:
			i.product = "unheard-of" // which has no price
		}
		v.items = append(v.items, i)
		at = at.Add(time.Duration(1+r.IntN(600)) * time.Second)
	}
	last := v.items[len(v.items)-1].at
	switch chance := r.IntN(100); {
	case chance < 50:
		last = last.Add(time.Duration(1+r.IntN(1200)) * time.Second)
	case chance < 55:
		last = last.Add(patience)
	case chance < 65:
		last = last.Add(patience + time.Duration(1+r.IntN(3600))*time.Second)
	default:
		return v
	}
	v.order = &Order{cart, customer, last}
	return v
}

// arrive puts events into the order in which they arrive.
func arrive[T any](r *rand.Rand, events []T, at func(T) time.Time) {
	type arrival struct {
		v    T
		when time.Time
	}
	var all []arrival
	for _, v := range events {
		all = append(all, arrival{v, at(v).Add(time.Duration(r.Int64N(int64(delay))))})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].when.Before(all[j].when) })
	for i, a := range all {
		events[i] = a.v
	}
}

// books are what the pipeline has to find.
type books struct {
	conversion     Conversion
	left           []window.Ranked[string, Money]
	visits         int64
	abandoned      []hourly
	abandonedValue Money
	unpriced       int64
	failed         int64
}

// books adds the day up in plain loops, visit by visit.
func (d *day) books() (b books) {
	left, hours := map[string]Money{}, map[time.Time]int64{}
	for _, v := range d.visits {
		var last time.Time // of what counts
		var value Money
		for _, i := range v.items {
			price, ok := d.price(i.product, i.at)
			switch {
			case i.units == 0:
				b.failed++
				continue
			case !ok:
				b.unpriced++
				continue
			}
			if last.IsZero() || i.at.Sub(last) > patience {
				b.visits++
				if !last.IsZero() { // items that do not count lay between
					b.abandon(hours, last, value)
					value = 0
				}
			}
			last = i.at
			worth := Money(i.units) * price
			value += worth
			b.conversion.Put.Items++
			b.conversion.Put.Value += worth
			if v.order != nil && v.order.at.Sub(i.at) <= patience {
				b.conversion.Bought.Items++
				b.conversion.Bought.Value += worth
				b.conversion.Wait += v.order.at.Sub(i.at)
			} else {
				left[i.product] += worth
			}
		}
		soon := v.order != nil && !last.IsZero() && v.order.at.Sub(last) <= patience
		if v.order != nil && !soon {
			b.visits++ // of its own, without an item
		}
		if !last.IsZero() && !soon {
			b.abandon(hours, last, value)
		}
	}
	for product, value := range left {
		b.left = append(b.left, window.Ranked[string, Money]{Key: product, Weight: value})
	}
	sort.Slice(b.left, func(i, j int) bool {
		x, y := b.left[i], b.left[j]
		return x.Weight > y.Weight || x.Weight == y.Weight && x.Key < y.Key
	})
	b.left = b.left[:min(3, len(b.left))]
	for start, carts := range hours {
		b.abandoned = append(b.abandoned, hourly{start, carts})
	}
	byStart(b.abandoned)
	return b
}

// abandon notes a cart, which is given up when patience has run out after the
// last item.
func (b *books) abandon(hours map[time.Time]int64, last time.Time, value Money) {
	hours[last.Add(patience).Truncate(time.Hour)]++
	b.abandonedValue += value
}

// price returns the last price set at or before a time.
func (d *day) price(product string, at time.Time) (price Money, ok bool) {
	var from time.Time
	for _, p := range d.prices {
		if p.product == product && !p.from.After(at) && (!ok || p.from.After(from)) {
			price, from, ok = p.price, p.from, true
		}
	}
	return price, ok
}

var errBooks = errors.New("the figures differ from the generator's books")

// check compares what was found with the books, and says so on w.
func (d *day) check(w io.Writer, f *found) error {
	b := d.books()
	fmt.Fprintf(w, "\nChecked against the generator's books\n\n")
	var err error
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"items put into carts and bought", single(&f.conversion), b.conversion},
		{"most value not bought", single(&f.left), b.left},
		{"visits", single(&f.visits), b.visits},
		{"carts left behind, by hour", f.byHour(), b.abandoned},
		{"their value", single(&f.abandonedValue), b.abandonedValue},
		{"items without a price", single(&f.unpriced), b.unpriced},
		{"items that failed the check", f.letters.count, b.failed},
	} {
		if reflect.DeepEqual(c.got, c.want) {
			fmt.Fprintf(w, "  ok      %s\n", c.what)
			continue
		}
		fmt.Fprintf(w, "  DIFFER  %s: found %.300s, books %.300s\n", c.what, fmt.Sprint(c.got), fmt.Sprint(c.want))
		err = errBooks
	}
	return err
}
