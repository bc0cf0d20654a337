package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A day is a made-up day of payments. What it books is what it has planned, so the books hold what no pipeline has computed.
type day struct {
	random   *rand.Rand
	payments []sent
	books    books
}

// A sent payment is one as a gateway has logged it.
type sent struct {
	Payment
	arrival time.Time
	gateway int
}

const gateways = 2

var (
	midnight = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	opening  = clock(8, 0)
	noon     = clock(12, 0)
	three    = clock(15, 0)
	closing  = clock(20, 0)
	over     = midnight.Add(30 * time.Hour) // when gateways say that the day is over
)

func clock(hour, minute int) time.Time {
	return midnight.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// newDay makes a day of so many honest cards, and of a thief for every ten of them.
func newDay(seed uint64, cards int) *day {
	d := &day{random: rand.New(rand.NewPCG(seed, 21)), books: books{}}
	for i := range cards {
		d.honest(fmt.Sprintf("card-%04d", i), i%10 == 0)
	}
	for i := range max(1, cards/10) {
		for _, plot := range plots {
			plot(&thief{d, fmt.Sprintf("%d", i), opening})
		}
	}
	slices.SortStableFunc(d.payments, func(a, b sent) int { return a.arrival.Compare(b.arrival) })
	return d
}

// pay has a payment come by one of the gateways, a little later.
func (d *day) pay(p Payment) Payment {
	p.ID = int64(len(d.payments)) + 1
	arrival := p.At.Add(time.Duration(d.random.Int64N(int64(disorder * 2 / 3))))
	d.payments = append(d.payments, sent{p, arrival, d.random.IntN(gateways)})
	return p
}

// honest pays every half hour or so, up to 12.00, or a quarter more or less than usual. One that is stolen pays forty times as much in
// the afternoon, once.
func (d *day) honest(card string, stolen bool) {
	usual := 200 + d.random.Int64N(1000)
	at := opening.Add(d.between(0, 30*time.Minute))
	for i := int64(0); at.Before(closing); i++ {
		p := Payment{Card: card, Device: "phone of " + card, Cents: usual * (3 + i%3) / 4, OK: true, At: at}
		if d.random.IntN(30) == 0 { // it fails, and works a minute later
			failed := p
			failed.OK = false
			d.pay(failed)
			p.At = at.Add(time.Minute)
		}
		d.pay(p)
		if stolen && at.After(three) {
			stolen = false
			theft := Payment{Card: card, Device: "thief of " + card, Cents: 40 * usual, OK: true, At: at.Add(12 * time.Minute)}
			d.books.note("strange amount", card, d.pay(theft))
		}
		at = at.Add(d.between(25*time.Minute, 35*time.Minute))
	}
}

// between returns a duration of at least the least, and less than the most.
func (d *day) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.random.Int64N(int64(most-least)))
}

// logged returns what the gateways log from a time to another one, in its order.
func (d *day) logged(from, to time.Time) []sent {
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(d.payments, t, func(s sent, t time.Time) int { return s.arrival.Compare(t) })
		return i
	}
	return d.payments[at(from):at(to)]
}
