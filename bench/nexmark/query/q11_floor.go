package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// Each bidder has the sessions that are open, mostly one. All are looked
// through twice in the time of a pause.
func bidSessionsByHand(events []auction.Event, disorder time.Duration, emit func(BidSession)) {
	const gap = int64(sessionGap)
	type session struct{ start, end, bids int64 }
	open := map[int64][]session{}
	watermark, sweepAt := int64(-1<<63), int64(-1<<63)
	show := func(bidder int64, s session) {
		emit(BidSession{bidder, s.bids, time.Unix(0, s.start).UTC(), time.Unix(0, s.end).UTC()})
	}
	for i := range events {
		e := &events[i]
		at := e.Time().UnixNano()
		if b := e.Bid; b != nil && at+gap > watermark {
			all := open[b.Bidder]
			if n := len(all); n == 1 && at >= all[0].start && at < all[0].end && all[0].end > watermark {
				all[0].end = max(all[0].end, at+gap)
				all[0].bids++
			} else {
				now := session{at, at + gap, 1}
				rest := all[:0]
				for _, s := range all {
					switch {
					case s.end <= watermark:
						show(b.Bidder, s)
					case s.start < now.end && now.start < s.end:
						now = session{min(s.start, now.start), max(s.end, now.end), s.bids + now.bids}
					default:
						rest = append(rest, s)
					}
				}
				open[b.Bidder] = append(rest, now)
			}
		}
		if at-int64(disorder) <= watermark {
			continue
		}
		if watermark = at - int64(disorder); watermark < sweepAt {
			continue
		}
		sweepAt = watermark + gap/2
		for bidder, all := range open {
			rest := all[:0]
			for _, s := range all {
				if s.end <= watermark {
					show(bidder, s)
				} else {
					rest = append(rest, s)
				}
			}
			if len(rest) == 0 {
				delete(open, bidder)
			} else if len(rest) < len(all) {
				open[bidder] = rest
			}
		}
	}
	for bidder, all := range open {
		for _, s := range all {
			show(bidder, s)
		}
	}
}
