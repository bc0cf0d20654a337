package query

import (
	"slices"
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ3(t *testing.T) {
	check(t, q03, func(all []arrival) (rows []LocalSeller) {
		sellers := map[int64]*auction.Person{}
		for _, a := range all {
			if a.Person != nil && slices.Contains([]string{"OR", "ID", "CA"}, a.Person.State) {
				sellers[a.Person.ID] = a.Person
			}
		}
		for _, a := range all {
			if a.Auction != nil && a.Auction.Category == 10 && sellers[a.Auction.Seller] != nil {
				p := sellers[a.Auction.Seller]
				rows = append(rows, LocalSeller{p.Name, p.City, p.State, a.Auction.ID})
			}
		}
		return rows
	})
}
