package query

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// sessionsOf is the twin: the bids of each bidder, sorted, cut at the pauses.
func sessionsOf(events []auction.Event) (rows []BidSession) {
	times := map[int64][]time.Time{}
	for _, e := range events {
		if e.Bid != nil {
			times[e.Bid.Bidder] = append(times[e.Bid.Bidder], e.Bid.At)
		}
	}
	for bidder, all := range times {
		slices.SortFunc(all, time.Time.Compare)
		first := 0
		for i := range all {
			if i == len(all)-1 || all[i+1].Sub(all[i]) >= sessionGap {
				rows = append(rows, BidSession{bidder, int64(i - first + 1), all[first], all[i].Add(sessionGap)})
				first = i + 1
			}
		}
	}
	return rows
}

// Which late bids still count depends on the sessions that are open, so the
// twin decides where nothing is late.
func TestQ11(t *testing.T) {
	events := auction.Config{Seed: 1, Rate: 500, Delay: delay}.Events(many())
	want := sessionsOf(events)
	require.Greater(t, len(want), many()/100)
	for way, rows := range rowsByWay(t, q11, events, delay) {
		requireRows(t, want, typed[BidSession](t, rows), "q11: %s", way)
	}
	requireRows(t, want, typed[BidSession](t, q11.byHand(events, delay)), "q11: floor")
	t.Logf("q11: %d rows agree", len(want))
}
