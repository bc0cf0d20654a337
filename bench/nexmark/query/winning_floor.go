package query

import (
	"cmp"
	"container/heap"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// winningByHand hands each auction that has a winning bid to emit, by
// ascending expiry and for equal ones by id.
func winningByHand(events []auction.Event, disorder time.Duration, emit func(*auction.Auction, *auction.Bid)) {
	open := map[int64]*openLot{}
	early := map[int64][]*auction.Bid{} // by auction, which has not arrived
	var closing lotHeap
	const never = -1 << 63
	watermark, sweep := int64(never), int64(never)
	for i := range events {
		e := &events[i]
		var at int64
		switch {
		case e.Bid != nil:
			b := e.Bid
			if at = b.At.UnixNano(); at < watermark {
				continue
			}
			if l := open[b.Auction]; l != nil {
				l.bid(b, at)
			} else {
				early[b.Auction] = append(early[b.Auction], b)
			}
		case e.Auction != nil:
			a := e.Auction
			if at = a.At.UnixNano(); at < watermark {
				continue
			}
			l := &openLot{auction: a, opens: at, expires: a.Expires.UnixNano()}
			open[a.ID] = l
			heap.Push(&closing, l)
			if bids, ok := early[a.ID]; ok {
				for _, b := range bids {
					l.bid(b, b.At.UnixNano())
				}
				delete(early, a.ID)
			}
		default:
			at = e.Person.At.UnixNano()
		}
		if at-int64(disorder) <= watermark {
			continue
		}
		watermark = at - int64(disorder)
		for len(closing) > 0 && closing[0].expires < watermark {
			closing.closeFirst(open, emit)
		}
		if watermark > sweep { // once a second: whose auction is not there yet is not late anywhere
			sweep = watermark + int64(time.Second)
			for id, bids := range early {
				rest := bids[:0]
				for _, b := range bids {
					if b.At.UnixNano() >= watermark {
						rest = append(rest, b)
					}
				}
				if early[id] = rest; len(rest) == 0 {
					delete(early, id)
				}
			}
		}
	}
	for len(closing) > 0 {
		closing.closeFirst(open, emit)
	}
}

// An openLot is an auction that is not over.
type openLot struct {
	auction        *auction.Auction
	opens, expires int64
	best           *auction.Bid
}

func (l *openLot) bid(b *auction.Bid, at int64) {
	if at >= l.opens && at <= l.expires && (l.best == nil || beats(b, l.best)) {
		l.best = b
	}
}

type lotHeap []*openLot

func (h *lotHeap) closeFirst(open map[int64]*openLot, emit func(*auction.Auction, *auction.Bid)) {
	l := heap.Pop(h).(*openLot)
	delete(open, l.auction.ID)
	if l.best != nil {
		emit(l.auction, l.best)
	}
}

func (h lotHeap) Len() int { return len(h) }
func (h lotHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].expires, h[j].expires), cmp.Compare(h[i].auction.ID, h[j].auction.ID)) < 0
}
func (h lotHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *lotHeap) Push(x any)   { *h = append(*h, x.(*openLot)) }
func (h *lotHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
