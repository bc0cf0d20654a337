package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func folderBidsByHand(events []auction.Event, _ time.Duration, emit func(FolderBid)) {
	for i := range events {
		if b := events[i].Bid; b != nil {
			emit(FolderBid{b.Auction, b.Bidder, b.Price, b.Channel, folders(b.URL)})
		}
	}
}
