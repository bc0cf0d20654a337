package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in nexmark/nexmark, where windows begin at multiples of 10 s; those of
// Beam begin with a bidder's first bid. A window that is open when the bids end
// counts here, and is dropped there.
var q12 = of("q12", "how many bids of a bidder arrive in each 10 s of the clock", arrivedBids, arrivedBidsByHand).timeless()

const arrivalSize = 10 * time.Second

// An ArrivedBids is how many bids of a bidder arrived from Start to End.
type ArrivedBids struct {
	Bidder     int64
	Bids       int64
	Start, End time.Time
}

// The time of a bid is when it arrives. As that is also what closes windows, one
// is closed by the first bid behind it.
func arrivedBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[ArrivedBids] {
	return events.Filter(auction.Event.IsBid).
		EventTime(arrivalOf, stream.Idle(arrivalSize)).
		KeyBy(bidderOf).
		Window(window.Tumbling(arrivalSize)).
		Count(stream.Name("bids that arrive")).
		Map(func(p stream.Pane[int64, int64]) ArrivedBids { return ArrivedBids{p.Key, p.Value, p.Start, p.End} })
}

func arrivalOf(auction.Event) time.Time { return time.Now() }
