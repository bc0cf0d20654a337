package query

import (
	"strings"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func costlyBidsByHand(events []auction.Event, _ time.Duration, emit func(CostlyBid)) {
	for i := range events {
		b := events[i].Bid
		if b == nil {
			continue
		}
		if price := b.Price * 908 / 1000; price > costlyFrom && price < costlyTo {
			emit(CostlyBid{b.Auction, b.Bidder, price, timeOfDay(b.At), b.At, b.Extra, strings.Count(b.Extra, "c")})
		}
	}
}
