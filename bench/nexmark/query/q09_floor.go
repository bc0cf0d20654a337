package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func wonAuctionsByHand(events []auction.Event, disorder time.Duration, emit func(Won)) {
	winningByHand(events, disorder, func(a *auction.Auction, b *auction.Bid) { emit(Won{a, b}) })
}
