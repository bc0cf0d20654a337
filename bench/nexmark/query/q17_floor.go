package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// dailyByHand groups the bids of each day by what key returns, and hands each
// group to emit when the day is over.
func dailyByHand[K comparable, V any](events []auction.Event, disorder time.Duration, key func(*auction.Bid) K, add func(*V, *auction.Bid), emit func(K, time.Time, *V)) {
	eachDayByHand(events, disorder,
		func() *map[K]*V { return &map[K]*V{} },
		func(groups *map[K]*V, b *auction.Bid) {
			k := key(b)
			v := (*groups)[k]
			if v == nil {
				v = new(V)
				(*groups)[k] = v
			}
			add(v, b)
		},
		func(start time.Time, groups *map[K]*V) {
			for k, v := range *groups {
				emit(k, start, v)
			}
		})
}

func auctionDaysByHand(events []auction.Event, disorder time.Duration, emit func(AuctionDay)) {
	dailyByHand(events, disorder,
		func(b *auction.Bid) int64 { return b.Auction },
		func(p *Prices, b *auction.Bid) { p.add(b.Price) },
		func(id int64, start time.Time, p *Prices) { emit(AuctionDay{id, start, *p}) })
}
