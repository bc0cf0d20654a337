package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func expandedBidsByHand(events []auction.Event, _ time.Duration, emit func(ExpandedBid)) {
	known := map[int64]*auction.Auction{} // nil in another category
	waiting := map[int64][]*auction.Bid{}
	for i := range events {
		switch e := &events[i]; {
		case e.Bid != nil:
			if a, ok := known[e.Bid.Auction]; !ok {
				waiting[e.Bid.Auction] = append(waiting[e.Bid.Auction], e.Bid)
			} else if a != nil {
				emit(ExpandedBid{e.Bid, a})
			}
		case e.Auction != nil && e.Auction.Category == 10:
			known[e.Auction.ID] = e.Auction
			for _, b := range waiting[e.Auction.ID] {
				emit(ExpandedBid{b, e.Auction})
			}
			delete(waiting, e.Auction.ID)
		case e.Auction != nil:
			known[e.Auction.ID] = nil
			delete(waiting, e.Auction.ID)
		}
	}
}
