package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// The SQL of nexmark/nexmark gives a row anew whenever it changes; here are
// the rows that stay, when the input has ended.
var q18 = of("q18", "the last bid of each bidder on each auction", lastBids, lastBidsByHand)

// An offerer is a bidder on an auction.
type offerer struct{ Bidder, Auction int64 }

func offererOf(e auction.Event) offerer { return offerer{e.Bid.Bidder, e.Bid.Auction} }

func lastBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[auction.Bid] {
	return events.Filter(auction.Event.IsBid).
		KeyBy(offererOf).
		Window(window.Global()).
		Aggregate(lastBid, stream.Name("last bids")).
		Map(func(p stream.Pane[offerer, *auction.Bid]) auction.Bid { return *p.Value })
}

var lastBid = window.Of(
	func() *auction.Bid { return nil },
	func(last *auction.Bid, e auction.Event) *auction.Bid { return later(last, e.Bid) },
	later,
	func(last *auction.Bid) *auction.Bid { return last },
)

func later(a, b *auction.Bid) *auction.Bid {
	if a == nil || b != nil && b.At.After(a.At) {
		return b
	}
	return a
}
