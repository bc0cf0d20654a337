package query

import (
	"strings"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in nexmark/nexmark, whose function counts a letter in the padding.
var q14 = of("q14", "bids of 10,000 to 500,000 euros, with the time of day and how often c is in the padding", costlyBids, costlyBidsByHand).timeless()

// A CostlyBid is a bid of a high price, in hundredths.
type CostlyBid struct {
	Auction, Bidder, Price int64
	When                   string // dayTime, nightTime or otherTime
	At                     time.Time
	Extra                  string
	Letters                int
}

const ( // cents
	costlyFrom = 1_000_000
	costlyTo   = 50_000_000
)

func costlyBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[CostlyBid] {
	return events.Filter(isCostly).Map(costly)
}

func isCostly(e auction.Event) bool {
	if e.Bid == nil {
		return false
	}
	price := inEuros(e.Bid.Price)
	return price > costlyFrom && price < costlyTo
}

func inEuros(cents int64) int64 { return cents * 908 / 1000 }

func costly(e auction.Event) CostlyBid {
	b := e.Bid
	return CostlyBid{b.Auction, b.Bidder, inEuros(b.Price), timeOfDay(b.At), b.At, b.Extra, strings.Count(b.Extra, "c")}
}

func timeOfDay(at time.Time) string {
	switch h := at.Hour(); {
	case h >= 8 && h <= 18:
		return "dayTime"
	case h <= 6 || h >= 20:
		return "nightTime"
	}
	return "otherTime"
}
