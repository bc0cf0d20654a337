package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in nexmark/nexmark, but in whole cents, rounded down; Beam takes 0.89.
var q01 = of("q1", "bids with their prices in euros, at 0.908 a dollar", euros, eurosByHand).timeless()

func euros(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[auction.Bid] {
	return events.Filter(auction.Event.IsBid).
		Map(func(e auction.Event) auction.Bid {
			b := *e.Bid
			b.Price = b.Price * 908 / 1000
			return b
		})
}
