package query

import (
	"fmt"
	"testing"
)

func TestQ13(t *testing.T) {
	check(t, q13, func(all []arrival) (rows []SideBid) {
		for _, a := range all {
			if b := a.Bid; b != nil {
				rows = append(rows, SideBid{b.Auction, b.Bidder, b.Price, b.At, fmt.Sprintf("side-%d", b.Auction%10_000)})
			}
		}
		return rows
	})
}
