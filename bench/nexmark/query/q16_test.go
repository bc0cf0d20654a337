package query

import (
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ16(t *testing.T) {
	type place struct{ channel, day string }
	checkOn(t, q16, aroundMidnight(made(1, many())), func(all []arrival) (rows []ChannelReport) {
		places := map[place][]auction.Bid{}
		for _, a := range all {
			if a.Bid != nil && endOfDay(a.Time()).After(a.Watermark) {
				p := place{a.Bid.Channel, a.Time().Format("2006-01-02")}
				places[p] = append(places[p], *a.Bid)
			}
		}
		for p, bids := range places {
			minute := ""
			for _, b := range bids {
				minute = max(minute, b.At.Format("15:04"))
			}
			rows = append(rows, ChannelReport{
				p.channel, p.day, minute,
				byRank(bids, func(i int, _ auction.Bid) int64 { return int64(i) }),
				byRank(bids, func(_ int, b auction.Bid) int64 { return b.Bidder }),
				byRank(bids, func(_ int, b auction.Bid) int64 { return b.Auction }),
			})
		}
		return rows
	})
}
