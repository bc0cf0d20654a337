package query

import (
	"testing"

	"github.com/freshet-go/freshet/stream"
)

func TestQ6(t *testing.T) {
	checkOn(t, q06, expiringApart(made(1, many())), func(all []arrival) (rows []stream.KeyValue[int64, float64]) {
		prices := map[int64][]int64{}
		for _, w := range winners(all) {
			of := append(prices[w.Auction.Seller], w.Bid.Price)
			prices[w.Auction.Seller] = of
			rows = append(rows, stream.KeyValue[int64, float64]{Key: w.Auction.Seller, Value: averageOf(of[max(0, len(of)-10):])})
		}
		return rows
	})
}
