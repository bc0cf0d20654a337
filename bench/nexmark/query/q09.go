package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in nexmark/nexmark, which has it from Beam; the original has no such query.
var q09 = of("q9", "the winning bid of each auction, when it is over", wonAuctions, wonAuctionsByHand)

func wonAuctions(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[Won] {
	return winningBids(events)
}
