package query

import (
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ20(t *testing.T) {
	check(t, q20, func(all []arrival) (rows []ExpandedBid) {
		auctions := map[int64]*auction.Auction{}
		for _, a := range all {
			if a.Auction != nil {
				auctions[a.Auction.ID] = a.Auction
			}
		}
		for _, a := range all {
			if a.Bid == nil {
				continue
			}
			if of := auctions[a.Bid.Auction]; of != nil && of.Category == 10 {
				rows = append(rows, ExpandedBid{a.Bid, of})
			}
		}
		return rows
	})
}
