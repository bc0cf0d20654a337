package query

import "testing"

func TestQ2(t *testing.T) {
	check(t, q02, func(all []arrival) (rows []Offer) {
		for _, a := range all {
			if a.Bid != nil && a.Bid.Auction/123*123 == a.Bid.Auction {
				rows = append(rows, Offer{a.Bid.Auction, a.Bid.Price})
			}
		}
		return rows
	})
}
