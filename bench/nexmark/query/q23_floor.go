package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func sellersBidsByHand(events []auction.Event, _ time.Duration, emit func(SellersBid)) {
	dealers := map[int64]*dealer{}
	for i := range events {
		id := personOf(events[i])
		d := dealers[id]
		if d == nil {
			d = &dealer{}
			dealers[id] = d
		}
		d.add(events[i], emit)
	}
}
