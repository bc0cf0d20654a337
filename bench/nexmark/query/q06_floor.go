package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

func sellerAveragesByHand(events []auction.Event, disorder time.Duration, emit func(stream.KeyValue[int64, float64])) {
	type ring struct {
		prices [lastSales]int64
		sum, n int64
	}
	sellers := map[int64]*ring{}
	winningByHand(events, disorder, func(a *auction.Auction, b *auction.Bid) {
		r := sellers[a.Seller]
		if r == nil {
			r = &ring{}
			sellers[a.Seller] = r
		}
		oldest := &r.prices[r.n%lastSales]
		r.sum += b.Price - *oldest
		*oldest = b.Price
		r.n++
		emit(stream.KeyValue[int64, float64]{Key: a.Seller, Value: float64(r.sum) / float64(min(r.n, lastSales))})
	})
}
