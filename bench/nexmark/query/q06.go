package query

import (
	"cmp"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in the original, the last auctions that are over, anew whenever one is.
// Beam takes those with the latest winning bids instead, and so does
// nexmark/nexmark, whose SQL has eleven of them and does not run on Flink.
var q06 = of("q6", "the average of each seller's last ten winning prices", sellerAverages, sellerAveragesByHand)

const lastSales = 10

func sellerAverages(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[stream.KeyValue[int64, float64]] {
	return winningBids(events).
		Map(Won.sale).
		KeyBy(Sale.seller).
		Running(window.Then(window.Top(lastSales, byExpiry), averagePrice), stream.InOrder(), stream.Name("averages"))
}

// A Sale is an auction that a seller has closed.
type Sale struct {
	Seller  int64
	Auction int64
	Cents   int64
	At      time.Time
}

func (w Won) sale() Sale {
	return Sale{w.Auction.Seller, w.Auction.ID, w.Bid.Price, w.Auction.Expires}
}

func (s Sale) seller() int64 { return s.Seller }

func byExpiry(a, b Sale) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Auction, b.Auction)) }

func averagePrice(sales []Sale) float64 {
	sum := int64(0)
	for _, s := range sales {
		sum += s.Cents
	}
	return float64(sum) / float64(len(sales))
}
