package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func channelReportByHand(events []auction.Event, disorder time.Duration, emit func(ChannelReport)) {
	type channel struct {
		*bidStats
		last int64
	}
	dailyByHand(events, disorder,
		func(b *auction.Bid) string { return b.Channel },
		func(c *channel, b *auction.Bid) {
			if c.bidStats == nil {
				c.bidStats = newBidStats()
			}
			c.add(b)
			c.last = max(c.last, b.At.UnixNano())
		},
		func(name string, _ time.Time, c *channel) { emit(reportOf(name, c.last, c.counts())) })
}
