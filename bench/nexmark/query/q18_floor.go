package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func lastBidsByHand(events []auction.Event, _ time.Duration, emit func(auction.Bid)) {
	last := map[offerer]*auction.Bid{}
	for i := range events {
		if b := events[i].Bid; b != nil {
			of := offerer{b.Bidder, b.Auction}
			last[of] = later(last[of], b)
		}
	}
	for _, b := range last {
		emit(*b)
	}
}
