package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func eurosByHand(events []auction.Event, _ time.Duration, emit func(auction.Bid)) {
	for i := range events {
		if b := events[i].Bid; b != nil {
			bid := *b
			bid.Price = bid.Price * 908 / 1000
			emit(bid)
		}
	}
}
