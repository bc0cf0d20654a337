package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// A pane is an interval of a slide's length. Bids are counted by pane and
// auction, and window has the sums over the panes that are over and are in the
// window that ends with pane next, which is the first that is not over.
func hotItemsByHand(events []auction.Event, disorder time.Duration, emit func(HotItem)) {
	const slide, panes = int64(hotSlide), int64(hotSize / hotSlide)
	counts := map[int64]map[int64]int64{}
	window := map[int64]int64{}
	var spare []map[int64]int64
	var hot []int64
	if len(events) == 0 {
		return
	}
	watermark := events[0].Time().UnixNano() - int64(disorder)
	next := watermark / slide
	fireAt := (next + 1) * slide

	fire := func() {
		for id, n := range counts[next] {
			window[id] += n
		}
		most := int64(0)
		hot = hot[:0]
		for id, n := range window {
			if n > most {
				most, hot = n, hot[:0]
			}
			if n == most {
				hot = append(hot, id)
			}
		}
		end := time.Unix(0, (next+1)*slide).UTC()
		for _, id := range hot {
			emit(HotItem{id, most, end})
		}
		next++
		if old, ok := counts[next-panes]; ok {
			for id, n := range old {
				if window[id] -= n; window[id] == 0 {
					delete(window, id)
				}
			}
			delete(counts, next-panes)
			clear(old)
			spare = append(spare, old)
		}
	}

	newest, newestCounts := int64(-1<<63), map[int64]int64(nil)
	for i := range events {
		at := events[i].Time().UnixNano()
		if b := events[i].Bid; b != nil {
			if k := at / slide; k == newest && k >= next {
				newestCounts[b.Auction]++
			} else if k > next-panes {
				of := counts[k]
				if of == nil {
					if n := len(spare); n > 0 {
						of, spare = spare[n-1], spare[:n-1]
					} else {
						of = map[int64]int64{}
					}
					counts[k] = of
				}
				of[b.Auction]++
				if k < next { // too late for the windows that are over, but not for all
					window[b.Auction]++
				}
				if k > newest {
					newest, newestCounts = k, of
				}
			}
		}
		if at-int64(disorder) <= watermark {
			continue
		}
		if watermark = at - int64(disorder); watermark < fireAt {
			continue
		}
		for len(counts) > 0 && watermark >= (next+1)*slide {
			fire()
		}
		next = watermark / slide
		fireAt = (next + 1) * slide
	}
	for len(counts) > 0 {
		fire()
	}
}
