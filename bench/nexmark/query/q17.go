package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in nexmark/nexmark, where a row is given anew with each bid; here once,
// when the day is over.
var q17 = of("q17", "how the bids on each auction of a day are priced", auctionDays, auctionDaysByHand)

const day = 24 * time.Hour

// An AuctionDay is what the bids on an auction were on a day.
type AuctionDay struct {
	Auction int64
	Day     time.Time
	Prices
}

// Prices are how many bids there were, those of less than 100.00, of less
// than 10,000.00 and of more, and their lowest and highest price and sum.
type Prices struct {
	Bids, Low, Middle, High int64
	Min, Max, Sum           int64
}

// Mean returns the average price.
func (p Prices) Mean() float64 { return float64(p.Sum) / float64(p.Bids) }

func auctionDays(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[AuctionDay] {
	return events.Filter(auction.Event.IsBid).
		KeyBy(auctionBidFor).
		Window(window.Tumbling(day)).
		Aggregate(pricesOfBids, stream.Name("prices")).
		Map(func(p stream.Pane[int64, Prices]) AuctionDay { return AuctionDay{p.Key, p.Start, p.Value} })
}

// Prices are pointed to, which saves copying them for each bid.
var pricesOfBids = window.Of(
	func() *Prices { return new(Prices) },
	func(p *Prices, e auction.Event) *Prices {
		p.add(e.Bid.Price)
		return p
	},
	func(p, q *Prices) *Prices {
		*p = p.merge(*q)
		return p
	},
	func(p *Prices) Prices { return *p },
)

func (p *Prices) add(price int64) {
	if p.Bids == 0 {
		p.Min, p.Max = price, price
	}
	p.Bids++
	switch {
	case price < 10_000:
		p.Low++
	case price < 1_000_000:
		p.Middle++
	default:
		p.High++
	}
	p.Min, p.Max, p.Sum = min(p.Min, price), max(p.Max, price), p.Sum+price
}

func (p Prices) merge(q Prices) Prices {
	if p.Bids == 0 || q.Bids == 0 {
		return Prices{p.Bids + q.Bids, p.Low + q.Low, p.Middle + q.Middle, p.High + q.High, p.Min + q.Min, p.Max + q.Max, p.Sum + q.Sum}
	}
	return Prices{p.Bids + q.Bids, p.Low + q.Low, p.Middle + q.Middle, p.High + q.High, min(p.Min, q.Min), max(p.Max, q.Max), p.Sum + q.Sum}
}
