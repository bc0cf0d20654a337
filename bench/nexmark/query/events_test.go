package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// made returns events as the generator makes them: a thousand a second, one
// in ten late by up to delay, in the order of arrival.
func made(seed uint64, n int) []auction.Event {
	type arriving struct {
		auction.Event
		at time.Time
	}
	random := rand.New(rand.NewPCG(seed, 0))
	start := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	all := make([]arriving, n)
	for i := range all {
		at := start.Add(time.Duration(i) * time.Millisecond)
		persons, auctions := int64(i/50), int64(i/50*3) // so far
		person := func(hot int) int64 {
			if random.IntN(hot) > 0 {
				return 1000 + persons/100*100
			}
			return 1000 + max(0, persons-random.Int64N(1000)) + random.Int64N(10)
		}
		var e auction.Event
		switch k := i % 50; {
		case k == 0:
			e.Person = &auction.Person{
				ID: 1000 + persons, Name: fmt.Sprint("Peter ", persons), Email: "p@x.com", CreditCard: "1234 5678",
				City: []string{"Boise", "Kent", "Bend"}[random.IntN(3)], State: []string{"AZ", "CA", "ID", "OR", "WA", "WY"}[random.IntN(6)], At: at,
			}
		case k <= 3:
			e.Auction = &auction.Auction{
				ID: 1000 + auctions + int64(k-1), Item: "item", Description: "description", InitialBid: 100, Reserve: 200,
				At: at, Expires: at.Add(time.Duration(1+random.IntN(4000)) * time.Millisecond), Seller: person(4), Category: 10 + random.Int64N(5),
			}
		default:
			on := 1000 + auctions/100*100
			if random.IntN(2) > 0 {
				on = 1000 + max(0, auctions-random.Int64N(100)) + random.Int64N(10)
			}
			channel := []string{"Apple", "Google", "Facebook", "Baidu"}[random.IntN(4)]
			url := "https://www.nexmark.com/abc/def/ghi/item.htm?query=1"
			if random.IntN(2) > 0 {
				id := random.IntN(10_000)
				channel, url = fmt.Sprint("channel-", id), fmt.Sprint(url, "&channel_id=", id)
			}
			e.Bid = &auction.Bid{
				Auction: on, Bidder: person(4), Price: int64(100 * (1 + random.IntN(100_000))), Channel: channel, URL: url, At: at,
				Extra: fmt.Sprint("extra ", random.IntN(1000)),
			}
		}
		arrives := at
		if random.IntN(10) == 0 {
			arrives = at.Add(time.Duration(random.Int64N(int64(delay))))
		}
		all[i] = arriving{e, arrives}
	}
	slices.SortStableFunc(all, func(a, b arriving) int { return a.at.Compare(b.at) })
	events := make([]auction.Event, n)
	for i, a := range all {
		events[i] = a.Event
	}
	return events
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
