package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func every123rdByHand(events []auction.Event, _ time.Duration, emit func(Offer)) {
	for i := range events {
		if b := events[i].Bid; b != nil && b.Auction%123 == 0 {
			emit(Offer{b.Auction, b.Price})
		}
	}
}
