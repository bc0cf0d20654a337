package query

import (
	"slices"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in Beam and nexmark/nexmark, every bid of the highest price; the original
// has windows of a minute. The SQL of nexmark/nexmark also gives a bid at the
// very end of a window, if it has the price.
var q07 = of("q7", "the highest bids of each 10 s", highestBids, highestBidsByHand)

const highestSize = 10 * time.Second

func highestBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[auction.Bid] {
	return events.Filter(auction.Event.IsBid).
		Window(window.Tumbling(highestSize)).
		Aggregate(highest, stream.Name("highest")).
		FlatMap(func(p stream.Pane[stream.NoKey, []*auction.Bid], emit func(auction.Bid)) {
			for _, b := range p.Value {
				emit(*b)
			}
		})
}

// highest gathers the bids that have the highest price.
var highest = window.Of(
	func() []*auction.Bid { return nil },
	func(acc []*auction.Bid, e auction.Event) []*auction.Bid {
		switch {
		case len(acc) == 0 || e.Bid.Price > acc[0].Price:
			return append(acc[:0], e.Bid)
		case e.Bid.Price == acc[0].Price:
			return append(acc, e.Bid)
		}
		return acc
	},
	func(a, b []*auction.Bid) []*auction.Bid {
		switch {
		case len(a) == 0 || len(b) > 0 && b[0].Price > a[0].Price:
			return append(a[:0], b...)
		case len(b) > 0 && b[0].Price == a[0].Price:
			return append(a, b...)
		}
		return a
	},
	slices.Clone,
)
