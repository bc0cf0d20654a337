package query

import (
	"strings"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in nexmark/nexmark.
var q22 = of("q22", "bids with the folders of their address", folderBids, folderBidsByHand).timeless()

// A FolderBid is a bid with the first three folders of its address.
type FolderBid struct {
	Auction, Bidder, Price int64
	Channel                string
	Folders                [3]string
}

func folderBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[FolderBid] {
	return events.Filter(auction.Event.IsBid).Map(folderBid)
}

func folderBid(e auction.Event) FolderBid {
	b := e.Bid
	return FolderBid{b.Auction, b.Bidder, b.Price, b.Channel, folders(b.URL)}
}

// folders returns what stands between the slashes behind scheme and host.
func folders(address string) (found [3]string) {
	rest := address
	for range 3 { // scheme, nothing, host
		_, rest, _ = strings.Cut(rest, "/")
	}
	for i := range found {
		found[i], rest, _ = strings.Cut(rest, "/")
	}
	return found
}
