package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// A join over all time, as in nexmark/nexmark: whichever comes first waits
// for the other. Nothing is late for it.
var q20 = of("q20", "bids with their auction, if that is in category 10", expandedBids, expandedBidsByHand).timeless()

// An ExpandedBid is a bid and its auction.
type ExpandedBid struct {
	Bid     *auction.Bid
	Auction *auction.Auction
}

// An expanding auction is what is known of one: bids wait until it is there.
type expanding struct {
	Known   bool
	Auction *auction.Auction // nil if it is in another category
	Waiting []*auction.Bid
}

func expandedBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[ExpandedBid] {
	return events.
		Filter(concernsAuction).
		KeyBy(auctionOf).
		Process(expandBid, nil, stream.Name("auctions"))
}

func expandBid(c *stream.KeyContext[int64, expanding, ExpandedBid], e auction.Event) error {
	s := c.State()
	switch {
	case e.Auction != nil:
		if e.Auction.Category == 10 {
			s.Auction = e.Auction
			for _, b := range s.Waiting {
				c.Emit(ExpandedBid{b, e.Auction})
			}
		}
		s.Known, s.Waiting = true, nil
	case s.Auction != nil:
		c.Emit(ExpandedBid{e.Bid, s.Auction})
	case !s.Known:
		s.Waiting = append(s.Waiting, e.Bid)
	}
	return nil
}
