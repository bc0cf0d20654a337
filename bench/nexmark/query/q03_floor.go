package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func localSellersByHand(events []auction.Event, _ time.Duration, emit func(LocalSeller)) {
	persons := map[int64]*auction.Person{}
	waiting := map[int64][]int64{} // auctions by a seller who has not come
	for i := range events {
		if a := events[i].Auction; a != nil && a.Category == 10 {
			if p := persons[a.Seller]; p != nil {
				emit(LocalSeller{p.Name, p.City, p.State, a.ID})
			} else {
				waiting[a.Seller] = append(waiting[a.Seller], a.ID)
			}
		} else if p := events[i].Person; p != nil && isLocal(p.State) {
			persons[p.ID] = p
			if ids, ok := waiting[p.ID]; ok {
				for _, id := range ids {
					emit(LocalSeller{p.Name, p.City, p.State, id})
				}
				delete(waiting, p.ID)
			}
		}
	}
}
