package query

import (
	"testing"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// A bid for the newest pane that has any comes when that pane has fired.
func TestQ5LateForNewestPane(t *testing.T) {
	at := func(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).UTC().Add(d) }
	events := []auction.Event{
		{Bid: &auction.Bid{Auction: 1, At: at(time.Second)}},
		{Auction: &auction.Auction{ID: 1, At: at(2*time.Second + impatience + time.Millisecond)}},
		{Bid: &auction.Bid{Auction: 1, At: at(1900 * time.Millisecond)}},
		{Bid: &auction.Bid{Auction: 2, At: at(20 * time.Second)}},
	}
	want := hotItemsOf(arrivals(events, impatience))
	for way, rows := range oneByOne(t, q05, events, impatience) {
		requireRows(t, want, typed[HotItem](t, rows), "%s", way)
	}
	requireRows(t, want, typed[HotItem](t, q05.byHand(events, impatience)), "floor")
}

func TestQ5(t *testing.T) {
	check(t, q05, hotItemsOf)
}

func hotItemsOf(all []arrival) (rows []HotItem) {
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
}
