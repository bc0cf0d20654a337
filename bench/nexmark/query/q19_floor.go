package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func topBidsByHand(events []auction.Event, _ time.Duration, emit func(RankedBid)) {
	top := map[int64][]*auction.Bid{}
	for i := range events {
		if b := events[i].Bid; b != nil {
			top[b.Auction] = insertBid(top[b.Auction], b)
		}
	}
	for _, bids := range top {
		for i, b := range bids {
			emit(RankedBid{i + 1, *b})
		}
	}
}
