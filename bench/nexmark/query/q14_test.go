package query

import "testing"

func TestQ14(t *testing.T) {
	checkOn(t, q14, days(), func(all []arrival) (rows []CostlyBid) {
		for _, a := range all {
			if a.Bid == nil || float64(a.Bid.Price)*0.908 <= 1_000_000 || float64(a.Bid.Price)*0.908 >= 50_000_000 {
				continue
			}
			row := CostlyBid{Auction: a.Bid.Auction, Bidder: a.Bid.Bidder, Price: int64(float64(a.Bid.Price) * 0.908), When: "otherTime", At: a.Bid.At, Extra: a.Bid.Extra}
			switch a.Bid.At.Hour() {
			case 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18:
				row.When = "dayTime"
			case 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6:
				row.When = "nightTime"
			}
			for _, letter := range a.Bid.Extra {
				if letter == 'c' {
					row.Letters++
				}
			}
			rows = append(rows, row)
		}
		return rows
	})
}
