package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in Beam and nexmark/nexmark; the original names five auctions, of which
// there are few bids.
var q02 = of("q2", "auction and price of the bids for every 123rd auction", every123rd, every123rdByHand).timeless()

// An Offer is what a bid offers for an auction.
type Offer struct {
	Auction int64
	Price   int64
}

func every123rd(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[Offer] {
	return events.
		Filter(func(e auction.Event) bool { return e.IsBid() && e.Bid.Auction%123 == 0 }).
		Map(func(e auction.Event) Offer { return Offer{e.Bid.Auction, e.Bid.Price} })
}
