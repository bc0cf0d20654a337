package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in nexmark/nexmark, but for a row once the day is over, as in q15.
var q16 = of("q16", "what q15 has for each channel, and when it had its last bid", channelReport, channelReportByHand)

// A ChannelReport is what has been bid on a day by way of a channel.
type ChannelReport struct {
	Channel                 string
	Day                     string // 2006-01-02
	Minute                  string // 15:04, of the last bid
	Bids, Bidders, Auctions ByRank
}

func channelReport(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[ChannelReport] {
	return events.Filter(auction.Event.IsBid).
		KeyBy(channelOf).
		Window(window.Tumbling(day)).
		Aggregate(window.Both(bidStatistics, window.Max(nanosOf), channelCountsOf), stream.Name("statistics")).
		Map(func(p stream.Pane[string, channelCounts]) ChannelReport {
			return reportOf(p.Key, p.Value.Last, p.Value.bidCounts)
		})
}

func channelOf(e auction.Event) string { return e.Bid.Channel }
func nanosOf(e auction.Event) int64    { return e.Bid.At.UnixNano() }

// channelCounts are the counts of a report, and when the last bid was.
type channelCounts struct {
	bidCounts
	Last int64
}

func channelCountsOf(c bidCounts, last int64) channelCounts { return channelCounts{c, last} }

func reportOf(channel string, last int64, c bidCounts) ChannelReport {
	at := time.Unix(0, last).UTC()
	return ChannelReport{channel, dayOf(at), at.Format("15:04"), c.Bids, c.Bidders, c.Auctions}
}
