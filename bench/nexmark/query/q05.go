package query

import (
	"slices"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in nexmark/nexmark and Beam, which give every auction that has the most;
// the original has windows of an hour.
var q05 = of("q5", "the auctions with the most bids in 10 s, every 2 s", hotItems, hotItemsByHand)

const (
	hotSize  = 10 * time.Second
	hotSlide = 2 * time.Second
)

var hotWindows = window.Sliding(hotSize, hotSlide)

// A HotItem is an auction that has the most bids in the window that ends at
// End.
type HotItem struct {
	Auction int64
	Bids    int64
	End     time.Time
}

func hotItems(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[HotItem] {
	return events.Filter(auction.Event.IsBid).
		KeyBy(auctionBidFor).
		Window(hotWindows).
		Count(stream.Name("bids of an auction")).
		Window(hotWindows.OfPanes()).
		Aggregate(mostBids, stream.Name("most bids")).
		FlatMap(func(p stream.Pane[stream.NoKey, hottest], emit func(HotItem)) {
			for _, id := range p.Value.Auctions {
				emit(HotItem{id, p.Value.Bids, p.End})
			}
		})
}

// HotItems is the query without a sink, for those who want to see when its
// results come.
func HotItems(events stream.Stream[auction.Event]) stream.Stream[HotItem] {
	return hotItems(nil, events)
}

func auctionBidFor(e auction.Event) int64 { return e.Bid.Auction }

// The hottest are the auctions that have the most bids.
type hottest struct {
	Bids     int64
	Auctions []int64
}

var mostBids = window.Of(
	func() hottest { return hottest{} },
	func(h hottest, p stream.Pane[int64, int64]) hottest {
		switch {
		case p.Value > h.Bids:
			return hottest{p.Value, append(h.Auctions[:0], p.Key)}
		case p.Value == h.Bids:
			h.Auctions = append(h.Auctions, p.Key)
		}
		return h
	},
	func(a, b hottest) hottest {
		switch {
		case b.Bids > a.Bids:
			return hottest{b.Bids, append(a.Auctions[:0], b.Auctions...)}
		case b.Bids == a.Bids:
			a.Auctions = append(a.Auctions, b.Auctions...)
		}
		return a
	},
	func(h hottest) hottest { return hottest{h.Bids, slices.Clone(h.Auctions)} },
)
