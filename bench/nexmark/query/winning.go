package query

import (
	"cmp"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// A Won is an auction that is over and the bid that has won it.
type Won struct {
	Auction *auction.Auction
	Bid     *auction.Bid
}

// winningBids gives each auction that has bids when it is over. A bid counts
// from the opening of its auction to its expiry, both included; the highest
// wins, of equal ones the earliest. That is as in nexmark/nexmark: for Beam a
// winner also has to reach the reserve, and one at the expiry is too late.
//
// Late events are left out, as joins do.
func winningBids(events stream.Stream[auction.Event]) stream.Stream[Won] {
	onTime, _ := events.SplitLate()
	return onTime.
		Filter(concernsAuction).
		KeyBy(auctionOf).
		Process(bidOrOpen, closeOrForget, stream.Name("winning bids"))
}

func concernsAuction(e auction.Event) bool { return e.Person == nil }

func auctionOf(e auction.Event) int64 {
	if e.Bid != nil {
		return e.Bid.Auction
	}
	return e.Auction.ID
}

// A lot is what is known of an auction.
type lot struct {
	Auction *auction.Auction // nil until it has arrived
	Best    *auction.Bid     // of those that count
	Early   []*auction.Bid   // those that have arrived before the auction
}

func (l *lot) bid(b *auction.Bid) {
	if b.At.Before(l.Auction.At) || b.At.After(l.Auction.Expires) {
		return
	}
	if l.Best == nil || beats(b, l.Best) {
		l.Best = b
	}
}

// beats reports whether a bid wins against another. Two of one price and
// moment are ordered by bidder, so that the result does not depend on which
// of them arrives first.
func beats(a, b *auction.Bid) bool {
	return cmp.Or(cmp.Compare(a.Price, b.Price), b.At.Compare(a.At), cmp.Compare(b.Bidder, a.Bidder)) > 0
}

type lotContext = stream.KeyContext[int64, lot, Won]

func bidOrOpen(c *lotContext, e auction.Event) error {
	l := c.State()
	switch {
	case e.Bid == nil:
		l.Auction = e.Auction
		for _, b := range l.Early {
			l.bid(b)
		}
		l.Early = nil
		c.SetTimer(behind(e.Auction.Expires))
	case l.Auction != nil:
		l.bid(e.Bid)
	default:
		if l.Early == nil {
			c.SetTimer(behind(e.Bid.At))
		}
		l.Early = append(l.Early, e.Bid)
	}
	return nil
}

// behind returns the watermark at which nothing of a time follows any more.
func behind(at time.Time) time.Time { return at.Add(1) }

// closeOrForget closes the auction when it is over, and forgets the bids whose
// auction can no longer come: it would have opened after them.
func closeOrForget(c *lotContext) error {
	l := c.State()
	if l.Auction != nil {
		if !c.Time().After(l.Auction.Expires) {
			return nil // the timer of a bid that came before the auction
		}
		if l.Best != nil {
			c.Emit(Won{l.Auction, l.Best})
		}
		c.Clear()
		return nil
	}
	rest := l.Early[:0]
	var next time.Time
	for _, b := range l.Early {
		if b.At.Before(c.Time()) {
			continue
		}
		if rest = append(rest, b); len(rest) == 1 || b.At.Before(next) {
			next = b.At
		}
	}
	if l.Early = rest; len(rest) == 0 {
		c.Clear()
	} else {
		c.SetTimer(behind(next))
	}
	return nil
}
