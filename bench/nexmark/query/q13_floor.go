package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func bidsWithSideByHand(events []auction.Event, _ time.Duration, emit func(SideBid)) {
	side := sideTable()
	for i := range events {
		b := events[i].Bid
		if b == nil {
			continue
		}
		if value, ok := side[b.Auction%sideRows]; ok {
			emit(SideBid{b.Auction, b.Bidder, b.Price, b.At, value})
		}
	}
}
