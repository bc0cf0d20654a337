package query

import (
	"cmp"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// The SQL of nexmark/nexmark gives a row anew whenever it changes; here are
// the rows that stay, when the input has ended. Of equal bids the earlier ranks
// first.
var q19 = of("q19", "the ten highest bids on each auction", topBids, topBidsByHand)

const topOf = 10

// A RankedBid is a bid and its rank, from 1 on.
type RankedBid struct {
	Rank int
	auction.Bid
}

func topBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[RankedBid] {
	return events.Filter(auction.Event.IsBid).
		KeyBy(auctionBidFor).
		Window(window.Global()).
		Aggregate(highestTen, stream.Name("highest bids")).
		FlatMap(func(p stream.Pane[int64, []*auction.Bid], emit func(RankedBid)) {
			for i, b := range p.Value {
				emit(RankedBid{i + 1, *b})
			}
		})
}

// highestTen keeps ten bids in order.
var highestTen = window.Of(
	func() []*auction.Bid { return nil },
	func(top []*auction.Bid, e auction.Event) []*auction.Bid { return insertBid(top, e.Bid) },
	func(a, b []*auction.Bid) []*auction.Bid {
		for _, bid := range b {
			a = insertBid(a, bid)
		}
		return a
	},
	func(top []*auction.Bid) []*auction.Bid { return top },
)

func insertBid(top []*auction.Bid, b *auction.Bid) []*auction.Bid {
	if len(top) == topOf {
		if byPrice(b, top[topOf-1]) >= 0 {
			return top
		}
		top = top[:topOf-1]
	}
	i := len(top)
	top = append(top, b)
	for ; i > 0 && byPrice(b, top[i-1]) < 0; i-- {
		top[i] = top[i-1]
	}
	top[i] = b
	return top
}

// byPrice orders the higher bid first, and of equal ones the earlier.
func byPrice(a, b *auction.Bid) int {
	return cmp.Or(cmp.Compare(b.Price, a.Price), a.At.Compare(b.At), cmp.Compare(a.Bidder, b.Bidder))
}
