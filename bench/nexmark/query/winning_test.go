package query

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// winners returns each auction with its winning bid, by expiry and then by
// id: the highest of the bids from its opening to its expiry, of equal ones
// the earliest. What is late is left out.
func winners(all []arrival) (won []Won) {
	onTime := slices.DeleteFunc(slices.Clone(all), arrival.late)
	bids := map[int64][]*auction.Bid{}
	for _, a := range onTime {
		if a.Bid != nil {
			bids[a.Bid.Auction] = append(bids[a.Bid.Auction], a.Bid)
		}
	}
	for _, a := range onTime {
		if a.Auction == nil {
			continue
		}
		valid := slices.DeleteFunc(bids[a.Auction.ID], func(b *auction.Bid) bool {
			return b.At.Before(a.Auction.At) || b.At.After(a.Auction.Expires)
		})
		if len(valid) > 0 {
			won = append(won, Won{a.Auction, slices.MinFunc(valid, func(a, b *auction.Bid) int {
				return cmp.Or(-cmp.Compare(a.Price, b.Price), a.At.Compare(b.At), cmp.Compare(a.Bidder, b.Bidder))
			})})
		}
	}
	slices.SortFunc(won, func(a, b Won) int {
		return cmp.Or(a.Auction.Expires.Compare(b.Auction.Expires), cmp.Compare(a.Auction.ID, b.Auction.ID))
	})
	return won
}

// An auction arrives behind two bids for it, when the first of them has been
// forgotten, as it cannot be valid any more, and the second has not.
func TestWinningBidsBeforeTheirAuction(t *testing.T) {
	at := func(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).UTC().Add(d) }
	events := []auction.Event{
		{Bid: &auction.Bid{Auction: 1, Bidder: 1, Price: 300, At: at(0)}},
		{Bid: &auction.Bid{Auction: 1, Bidder: 2, Price: 200, At: at(450 * time.Millisecond)}},
		{Person: &auction.Person{ID: 3, At: at(900 * time.Millisecond)}},
		{Auction: &auction.Auction{ID: 1, At: at(420 * time.Millisecond), Expires: at(time.Second)}},
	}
	want := winners(arrivals(events, impatience))
	require.Len(t, want, 1)
	for way, rows := range oneByOne(t, q09, events, impatience) {
		requireRows(t, want, typed[Won](t, rows), "%s", way)
	}
	requireRows(t, want, typed[Won](t, q09.byHand(events, impatience)), "floor")
}
