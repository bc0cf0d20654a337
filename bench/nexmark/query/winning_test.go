package query

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
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

func TestWinningBids(t *testing.T) {
	q := of("winning", "the step that q4, q6 and q9 share",
		func(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[Won] {
			return winningBids(events)
		},
		func(events []auction.Event, disorder time.Duration, emit func(Won)) {
			winningByHand(events, disorder, func(a *auction.Auction, b *auction.Bid) { emit(Won{a, b}) })
		})
	check(t, q, winners)
}
