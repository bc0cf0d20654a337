package query

import (
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ23(t *testing.T) {
	check(t, q23, func(all []arrival) (rows []SellersBid) {
		people := map[int64]*auction.Person{}
		auctions := map[int64][]*auction.Auction{}
		for _, a := range all {
			if a.Person != nil {
				people[a.Person.ID] = a.Person
			}
			if a.Auction != nil {
				auctions[a.Auction.Seller] = append(auctions[a.Auction.Seller], a.Auction)
			}
		}
		for _, a := range all {
			if a.Bid == nil || people[a.Bid.Bidder] == nil {
				continue
			}
			for _, of := range auctions[a.Bid.Bidder] {
				rows = append(rows, SellersBid{a.Bid, people[a.Bid.Bidder], of})
			}
		}
		return rows
	})
}
