package query

import (
	"strings"
	"testing"
)

func TestQ22(t *testing.T) {
	check(t, q22, func(all []arrival) (rows []FolderBid) {
		for _, a := range all {
			if a.Bid != nil {
				parts := strings.Split(a.Bid.URL, "/")
				rows = append(rows, FolderBid{a.Bid.Auction, a.Bid.Bidder, a.Bid.Price, a.Bid.Channel, [3]string(parts[3:6])})
			}
		}
		return rows
	})
}
