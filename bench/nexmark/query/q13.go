package query

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in Beam and nexmark/nexmark. The table is bounded and stays as it is, so
// it is a map that all shards read: TableJoin is for a table that changes, and
// Lookup for one that is elsewhere.
var q13 = of("q13", "bids with what a side table has for their auction", bidsWithSide, bidsWithSideByHand).timeless()

// A SideBid is a bid and the value of the side table for it.
type SideBid struct {
	Auction, Bidder, Price int64
	At                     time.Time
	Value                  string
}

const sideRows = 10_000

// sideTable has a value for each remainder of an auction's id.
func sideTable() map[int64]string {
	table := make(map[int64]string, sideRows)
	for key := range int64(sideRows) {
		table[key] = fmt.Sprint("side-", key)
	}
	return table
}

func bidsWithSide(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[SideBid] {
	side := sideTable()
	return events.FlatMap(func(e auction.Event, emit func(SideBid)) {
		b := e.Bid
		if b == nil {
			return
		}
		if value, ok := side[b.Auction%sideRows]; ok {
			emit(SideBid{b.Auction, b.Bidder, b.Price, b.At, value})
		}
	})
}
