package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func newSellersByHand(events []auction.Event, disorder time.Duration, emit func(NewSeller)) {
	const size = int64(newSellerSize)
	type window struct {
		names   map[int64]string // of who registered
		sellers map[int64]bool   // who has opened an auction
	}
	open := map[int64]*window{} // by number: [k·size, (k+1)·size)
	if len(events) == 0 {
		return
	}
	watermark := events[0].Time().UnixNano() - int64(disorder)
	next := watermark / size // the first window that is not over
	fire := func() {
		if w := open[next]; w != nil {
			start := time.Unix(0, next*size).UTC()
			for id, name := range w.names {
				if w.sellers[id] {
					emit(NewSeller{id, name, start})
				}
			}
			delete(open, next)
		}
		next++
	}
	for i := range events {
		e := &events[i]
		at := e.Time().UnixNano()
		if k := at / size; e.Bid == nil && k >= next {
			w := open[k]
			if w == nil {
				w = &window{map[int64]string{}, map[int64]bool{}}
				open[k] = w
			}
			if e.Person != nil {
				w.names[e.Person.ID] = e.Person.Name
			} else {
				w.sellers[e.Auction.Seller] = true
			}
		}
		if at-int64(disorder) <= watermark {
			continue
		}
		watermark = at - int64(disorder)
		for len(open) > 0 && watermark >= (next+1)*size {
			fire()
		}
		next = max(next, watermark/size)
	}
	for len(open) > 0 {
		fire()
	}
}
