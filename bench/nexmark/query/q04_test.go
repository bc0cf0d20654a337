package query

import (
	"testing"

	"github.com/freshet-go/freshet/stream"
)

func TestQ4(t *testing.T) {
	checkOn(t, q04, expiringApart(made(1, many())), func(all []arrival) (rows []stream.KeyValue[int64, float64]) {
		prices := map[int64][]int64{}
		for _, w := range winners(all) {
			c := w.Auction.Category
			prices[c] = append(prices[c], w.Bid.Price)
			rows = append(rows, stream.KeyValue[int64, float64]{Key: c, Value: averageOf(prices[c])})
		}
		return rows
	})
}

func averageOf(prices []int64) float64 {
	sum := int64(0)
	for _, p := range prices {
		sum += p
	}
	return float64(sum) / float64(len(prices))
}
