package query

import (
	"strings"
	"testing"
)

func TestQ21(t *testing.T) {
	numbers := map[string]string{"Apple": "0", "Google": "1", "Facebook": "2", "Baidu": "3"}
	check(t, q21, func(all []arrival) (rows []ChannelBid) {
		for _, a := range all {
			if a.Bid == nil {
				continue
			}
			id, ok := numbers[a.Bid.Channel]
			if !ok {
				if _, id, ok = strings.Cut(a.Bid.URL, "&channel_id="); !ok {
					continue
				}
			}
			rows = append(rows, ChannelBid{a.Bid.Auction, a.Bid.Bidder, a.Bid.Price, a.Bid.Channel, id})
		}
		return rows
	})
}
