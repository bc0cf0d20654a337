package query

import (
	"testing"
	"time"
)

func TestQ5(t *testing.T) {
	check(t, q05, func(all []arrival) (rows []HotItem) {
		bids := map[time.Time]map[int64]int64{} // by the window's end, and by auction
		for _, a := range all {
			if a.Bid == nil {
				continue
			}
			start := time.Unix(a.Time().Unix()/2*2, 0).UTC()
			for ; start.Add(10 * time.Second).After(a.Time()); start = start.Add(-2 * time.Second) {
				end := start.Add(10 * time.Second)
				if !end.After(a.Watermark) {
					continue
				}
				if bids[end] == nil {
					bids[end] = map[int64]int64{}
				}
				bids[end][a.Bid.Auction]++
			}
		}
		for end, of := range bids {
			most := int64(0)
			for _, n := range of {
				most = max(most, n)
			}
			for id, n := range of {
				if n == most {
					rows = append(rows, HotItem{id, n, end})
				}
			}
		}
		return rows
	})
}
