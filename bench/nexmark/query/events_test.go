package query

import (
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// many is how many events the queries are held against their twins on: fewer
// where the race detector is slow.
func many() int {
	if testing.Short() {
		return 10_000
	}
	return 100_000
}

// made returns events of a thousand a second, one in ten late by up to delay,
// in the order of arrival.
func made(seed uint64, n int) []auction.Event {
	return auction.Config{Seed: seed, Rate: 1000, Delay: delay}.Events(n)
}

// expiringApart returns events of which no two auctions expire at once, so
// that it is determined what goes by the order in which they are over.
func expiringApart(events []auction.Event) []auction.Event {
	apart := slices.Clone(events)
	n := time.Duration(0)
	for i, e := range apart {
		if e.Auction != nil {
			a := *e.Auction
			a.Expires = a.Expires.Add(n % time.Millisecond)
			n++
			apart[i].Auction = &a
		}
	}
	return apart
}

// aroundMidnight returns events moved so that half of them are on another day
// than the rest.
func aroundMidnight(events []auction.Event) []auction.Event {
	middle := events[len(events)/2].Time()
	by := endOfDay(middle).Sub(middle)
	moved := make([]auction.Event, len(events))
	for i, e := range events {
		switch {
		case e.Bid != nil:
			b := *e.Bid
			b.At = b.At.Add(by)
			moved[i].Bid = &b
		case e.Auction != nil:
			a := *e.Auction
			a.At, a.Expires = a.At.Add(by), a.Expires.Add(by)
			moved[i].Auction = &a
		default:
			p := *e.Person
			p.At = p.At.Add(by)
			moved[i].Person = &p
		}
	}
	return moved
}
