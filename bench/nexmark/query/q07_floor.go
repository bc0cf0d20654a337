package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func highestBidsByHand(events []auction.Event, disorder time.Duration, emit func(auction.Bid)) {
	const size = int64(highestSize)
	type window struct{ bids []*auction.Bid }
	open := map[int64]*window{} // by number: [k·size, (k+1)·size)
	newest, newestWindow := int64(-1<<63), (*window)(nil)
	if len(events) == 0 {
		return
	}
	watermark := events[0].Time().UnixNano() - int64(disorder)
	next := watermark / size // the first window that is not over
	fire := func() {
		if w := open[next]; w != nil {
			for _, b := range w.bids {
				emit(*b)
			}
			delete(open, next)
		}
		next++
	}
	for i := range events {
		at := events[i].Time().UnixNano()
		if b := events[i].Bid; b != nil {
			k, w := at/size, newestWindow
			switch {
			case k < next:
				w = nil
			case k != newest:
				if w = open[k]; w == nil {
					w = &window{}
					open[k] = w
				}
				if k > newest {
					newest, newestWindow = k, w
				}
			}
			switch {
			case w == nil:
			case len(w.bids) == 0 || b.Price > w.bids[0].Price:
				w.bids = append(w.bids[:0], b)
			case b.Price == w.bids[0].Price:
				w.bids = append(w.bids, b)
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
