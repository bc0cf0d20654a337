package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func arrivedBidsByHand(events []auction.Event, _ time.Duration, emit func(ArrivedBids)) {
	bids := map[int64]int64{} // of the window that ends next
	var end time.Time
	fire := func() {
		for bidder, n := range bids {
			emit(ArrivedBids{bidder, n, end.Add(-arrivalSize), end})
		}
		clear(bids)
	}
	for i := range events {
		b := events[i].Bid
		if b == nil {
			continue
		}
		if now := time.Now(); !now.Before(end) {
			fire()
			end = now.UTC().Truncate(arrivalSize).Add(arrivalSize)
		}
		bids[b.Bidder]++
	}
	fire()
}
