package query

import (
	"testing"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ15(t *testing.T) {
	checkOn(t, q15, aroundMidnight(made(1, many())), func(all []arrival) (rows []DailyReport) {
		days := map[string][]auction.Bid{}
		for _, a := range all {
			if a.Bid != nil && endOfDay(a.Time()).After(a.Watermark) {
				day := a.Time().Format("2006-01-02")
				days[day] = append(days[day], *a.Bid)
			}
		}
		for day, bids := range days {
			rows = append(rows, DailyReport{
				day,
				byRank(bids, func(i int, _ auction.Bid) int64 { return int64(i) }),
				byRank(bids, func(_ int, b auction.Bid) int64 { return b.Bidder }),
				byRank(bids, func(_ int, b auction.Bid) int64 { return b.Auction }),
			})
		}
		return rows
	})
}

// endOfDay returns the midnight that follows.
func endOfDay(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, time.UTC)
}

// byRank counts the different values that of returns for bids, of which it is
// told the number too.
func byRank(bids []auction.Bid, of func(int, auction.Bid) int64) ByRank {
	distinct := func(keep func(price int64) bool) int64 {
		values := map[int64]bool{}
		for i, b := range bids {
			if keep(b.Price) {
				values[of(i, b)] = true
			}
		}
		return int64(len(values))
	}
	return ByRank{
		distinct(func(int64) bool { return true }),
		distinct(func(price int64) bool { return price < 10000 }),
		distinct(func(price int64) bool { return price >= 10000 && price < 1000000 }),
		distinct(func(price int64) bool { return price >= 1000000 }),
	}
}
