package query

import (
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ1(t *testing.T) {
	check(t, q01, func(all []arrival) (rows []auction.Bid) {
		for _, a := range all {
			if a.Bid != nil {
				b := *a.Bid
				b.Price = b.Price * 908 / 1000
				rows = append(rows, b)
			}
		}
		return rows
	})
}
