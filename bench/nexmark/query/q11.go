package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in Beam and nexmark/nexmark.
var q11 = of("q11", "how many bids a bidder made in each session of 10 s without a pause", bidSessions, bidSessionsByHand)

const sessionGap = 10 * time.Second

// A BidSession is how many bids a bidder made from Start on until End, which
// is a pause behind the last of them.
type BidSession struct {
	Bidder     int64
	Bids       int64
	Start, End time.Time
}

func bidSessions(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[BidSession] {
	return events.Filter(auction.Event.IsBid).
		KeyBy(bidderOf).
		Window(window.Session(sessionGap)).
		Count(stream.Name("bids in sessions")).
		Map(func(p stream.Pane[int64, int64]) BidSession { return BidSession{p.Key, p.Value, p.Start, p.End} })
}

func bidderOf(e auction.Event) int64 { return e.Bid.Bidder }
