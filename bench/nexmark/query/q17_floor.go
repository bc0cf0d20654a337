package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// dailyByHand groups bids by day and by what key returns, and hands each group
// to emit when its day is over.
func dailyByHand[K comparable, V any](events []auction.Event, disorder time.Duration, key func(*auction.Bid) K, add func(*V, *auction.Bid), emit func(K, time.Time, *V)) {
	const size = int64(day)
	open := map[int64]map[K]*V{} // by day
	if len(events) == 0 {
		return
	}
	watermark := events[0].Time().UnixNano() - int64(disorder)
	next := watermark / size // the first day that is not over
	newest, newestGroups := int64(-1), map[K]*V(nil)
	fire := func() {
		start := time.Unix(0, next*size).UTC()
		for k, v := range open[next] {
			emit(k, start, v)
		}
		delete(open, next)
		next++
	}
	for i := range events {
		e := &events[i]
		at := e.Time().UnixNano()
		if k := at / size; e.Bid != nil && k >= next {
			groups := newestGroups
			if k != newest {
				if groups = open[k]; groups == nil {
					groups = map[K]*V{}
					open[k] = groups
				}
				newest, newestGroups = k, groups
			}
			id := key(e.Bid)
			v := groups[id]
			if v == nil {
				v = new(V)
				groups[id] = v
			}
			add(v, e.Bid)
		}
		if at-int64(disorder) <= watermark {
			continue
		}
		watermark = at - int64(disorder)
		for len(open) > 0 && watermark >= (next+1)*size {
			newest = -1
			fire()
		}
		next = max(next, watermark/size)
	}
	for len(open) > 0 {
		fire()
	}
}

func auctionDaysByHand(events []auction.Event, disorder time.Duration, emit func(AuctionDay)) {
	dailyByHand(events, disorder,
		func(b *auction.Bid) int64 { return b.Auction },
		func(p *Prices, b *auction.Bid) { p.add(b.Price) },
		func(id int64, start time.Time, p *Prices) { emit(AuctionDay{id, start, *p}) })
}
