package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in Beam; the original has no such query. nexmark/nexmark changes a row as bids
// come; here is the one that stays, when the auction is over.
var q09 = of("q9", "the winning bid of each auction, when it is over", wonAuctions, wonAuctionsByHand)

func wonAuctions(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[Won] {
	return winningBids(events)
}
