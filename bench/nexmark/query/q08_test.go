package query

import (
	"testing"
	"time"
)

func TestQ8(t *testing.T) {
	type place struct {
		person int64
		start  time.Time
	}
	check(t, q08, func(all []arrival) (rows []NewSeller) {
		opened := map[place]bool{}
		for _, a := range all {
			if start := tenSeconds(a.Time()); a.Auction != nil && start.Add(10*time.Second).After(a.Watermark) {
				opened[place{a.Auction.Seller, start}] = true
			}
		}
		for _, a := range all {
			start := tenSeconds(a.Time())
			if a.Person != nil && start.Add(10*time.Second).After(a.Watermark) && opened[place{a.Person.ID, start}] {
				rows = append(rows, NewSeller{a.Person.ID, a.Person.Name, start})
			}
		}
		return rows
	})
}
