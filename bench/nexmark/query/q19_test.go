package query

import (
	"slices"
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ19(t *testing.T) {
	check(t, q19, func(all []arrival) (rows []RankedBid) {
		bids := map[int64][]auction.Bid{}
		for _, a := range all {
			if a.Bid != nil {
				bids[a.Bid.Auction] = append(bids[a.Bid.Auction], *a.Bid)
			}
		}
		for _, all := range bids {
			slices.SortFunc(all, func(a, b auction.Bid) int {
				if a.Price != b.Price {
					return int(b.Price - a.Price)
				}
				return a.At.Compare(b.At)
			})
			for i, b := range all[:min(10, len(all))] {
				rows = append(rows, RankedBid{i + 1, b})
			}
		}
		return rows
	})
}
