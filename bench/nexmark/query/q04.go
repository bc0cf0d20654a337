package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in the original, the average of the auctions that are over, anew whenever
// one is. Of those that are over at the same moment any may count first.
// nexmark/nexmark also counts the open ones, by their highest bid so far, and
// takes back what it gave when that changes; Beam has sliding windows.
var q04 = of("q4", "the average of the winning prices of each category so far", categoryAverages, categoryAveragesByHand)

func categoryAverages(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[stream.KeyValue[int64, float64]] {
	return winningBids(events).
		Map(Won.price).
		KeyBy(Price.category).
		Running(window.Mean(Price.cents), stream.InOrder(), stream.Name("averages"))
}

// A Price is what was paid in a category.
type Price struct {
	Category int64
	Cents    int64
}

func (w Won) price() Price { return Price{w.Auction.Category, w.Bid.Price} }

func (p Price) category() int64 { return p.Category }
func (p Price) cents() int64    { return p.Cents }
