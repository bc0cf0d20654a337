package query

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// days are events of four days: a hundred thousand at a rate of one in four
// seconds.
func days() []auction.Event {
	return auction.Config{Seed: 1, Rate: 0.3, Delay: delay, InFlight: 1000}.Events(many())
}

// ofDay reports the day of a bid, and that it still counts.
func (a arrival) ofDay() (start time.Time, ok bool) {
	start = a.Time().Truncate(day)
	return start, a.Bid != nil && start.Add(day).After(a.Watermark)
}

func TestQ17(t *testing.T) {
	type place struct {
		auction int64
		day     time.Time
	}
	checkOn(t, q17, days(), func(all []arrival) (rows []AuctionDay) {
		prices := map[place][]int64{}
		for _, a := range all {
			if start, ok := a.ofDay(); ok {
				at := place{a.Bid.Auction, start}
				prices[at] = append(prices[at], a.Bid.Price)
			}
		}
		for at, all := range prices {
			row := AuctionDay{Auction: at.auction, Day: at.day, Prices: Prices{Bids: int64(len(all)), Min: all[0], Max: all[0]}}
			for _, price := range all {
				row.Sum += price
				row.Min, row.Max = min(row.Min, price), max(row.Max, price)
				if price < 10_000 {
					row.Low++
				}
				if price >= 10_000 && price < 1_000_000 {
					row.Middle++
				}
				if price >= 1_000_000 {
					row.High++
				}
			}
			rows = append(rows, row)
		}
		return rows
	})
	require.Equal(t, 2.5, Prices{Bids: 2, Sum: 5}.Mean())
}
