package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func dailyReportByHand(events []auction.Event, disorder time.Duration, emit func(DailyReport)) {
	eachDayByHand(events, disorder,
		newBidStats,
		(*bidStats).add,
		func(start time.Time, s *bidStats) {
			c := s.counts()
			emit(DailyReport{dayOf(start), c.Bids, c.Bidders, c.Auctions})
		})
}

// eachDayByHand adds the bids of each day to what begin returns for it, and
// hands that to fire when the day is over.
func eachDayByHand[S any](events []auction.Event, disorder time.Duration, begin func() *S, add func(*S, *auction.Bid), fire func(start time.Time, s *S)) {
	const size = int64(day)
	open := map[int64]*S{} // by number: [k·size, (k+1)·size)
	newest, newestDay := int64(-1<<63), (*S)(nil)
	if len(events) == 0 {
		return
	}
	watermark := events[0].Time().UnixNano() - int64(disorder)
	next := watermark / size // the first day that is not over
	fireNext := func() {
		if s := open[next]; s != nil {
			fire(time.Unix(0, next*size).UTC(), s)
			delete(open, next)
		}
		next++
	}
	for i := range events {
		at := events[i].Time().UnixNano()
		if b := events[i].Bid; b != nil {
			switch k := at / size; {
			case k < next:
			case k == newest:
				add(newestDay, b)
			default:
				s := open[k]
				if s == nil {
					s = begin()
					open[k] = s
				}
				if k > newest {
					newest, newestDay = k, s
				}
				add(s, b)
			}
		}
		if at-int64(disorder) <= watermark {
			continue
		}
		watermark = at - int64(disorder)
		for len(open) > 0 && watermark >= (next+1)*size {
			fireNext()
		}
		next = max(next, watermark/size)
	}
	for len(open) > 0 {
		fireNext()
	}
}
