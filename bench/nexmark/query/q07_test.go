package query

import (
	"testing"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ7(t *testing.T) {
	check(t, q07, func(all []arrival) (rows []auction.Bid) {
		bids := map[time.Time][]auction.Bid{} // by window
		for _, a := range all {
			if start := tenSeconds(a.Time()); a.Bid != nil && start.Add(10*time.Second).After(a.Watermark) {
				bids[start] = append(bids[start], *a.Bid)
			}
		}
		for _, of := range bids {
			highest := int64(0)
			for _, b := range of {
				highest = max(highest, b.Price)
			}
			for _, b := range of {
				if b.Price == highest {
					rows = append(rows, b)
				}
			}
		}
		return rows
	})
}

// tenSeconds returns where the tumbling window of ten seconds that holds a
// time begins.
func tenSeconds(at time.Time) time.Time {
	return time.Unix(at.Unix()-at.Unix()%10, 0).UTC()
}
