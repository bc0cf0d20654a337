package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// The rule and the regular expression are the query's: they are what it costs.
func channelBidsByHand(events []auction.Event, _ time.Duration, emit func(ChannelBid)) {
	for i := range events {
		if b := events[i].Bid; b != nil {
			if id, ok := channelID(b); ok {
				emit(ChannelBid{b.Auction, b.Bidder, b.Price, b.Channel, id})
			}
		}
	}
}
