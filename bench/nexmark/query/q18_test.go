package query

import (
	"slices"
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ18(t *testing.T) {
	check(t, q18, func(all []arrival) (rows []auction.Bid) {
		bids := map[[2]int64][]auction.Bid{}
		for _, a := range all {
			if a.Bid != nil {
				of := [2]int64{a.Bid.Auction, a.Bid.Bidder}
				bids[of] = append(bids[of], *a.Bid)
			}
		}
		for _, all := range bids {
			rows = append(rows, slices.MaxFunc(all, func(a, b auction.Bid) int { return a.At.Compare(b.At) }))
		}
		return rows
	})
}
