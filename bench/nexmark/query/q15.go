package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in nexmark/nexmark, which alone has it. That gives the row of a day anew
// as bids come; here it comes once, when the day is over.
var q15 = of("q15", "bids, bidders and auctions of each day, by the level of price", dailyReport, dailyReportByHand)

// A DailyReport is what has been bid on a day.
type DailyReport struct {
	Day                     string // 2006-01-02
	Bids, Bidders, Auctions ByRank
}

// ByRank counts by the level of price: below 100.00, below 10,000.00, and from
// there on. Different ones are counted once in each.
type ByRank struct{ Total, Rank1, Rank2, Rank3 int64 }

func dailyReport(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[DailyReport] {
	return events.Filter(auction.Event.IsBid).
		Window(window.Tumbling(day)).
		Aggregate(bidStatistics, stream.Name("statistics")).
		Map(func(p stream.Pane[stream.NoKey, bidCounts]) DailyReport {
			return DailyReport{dayOf(p.Start), p.Value.Bids, p.Value.Bidders, p.Value.Auctions}
		})
}

func dayOf(at time.Time) string { return at.Format(time.DateOnly) }

// bidCounts are the counts of a report.
type bidCounts struct{ Bids, Bidders, Auctions ByRank }

// bidStats are bids by rank, and the ranks that each bidder and auction has
// had: one map of each where a count of different values for each rank would
// have four. It is pointed to, which saves copying it for each bid.
type bidStats struct {
	Bids              [3]int64
	Bidders, Auctions map[int64]ranks
}

// ranks is a set of ranks: bit i is for rank i+1.
type ranks uint8

var bidStatistics = window.Of(
	newBidStats,
	func(s *bidStats, e auction.Event) *bidStats {
		s.add(e.Bid)
		return s
	},
	func(a, b *bidStats) *bidStats {
		for i, n := range b.Bids {
			a.Bids[i] += n
		}
		for id, r := range b.Bidders {
			note(a.Bidders, id, r)
		}
		for id, r := range b.Auctions {
			note(a.Auctions, id, r)
		}
		return a
	},
	(*bidStats).counts,
)

func newBidStats() *bidStats {
	return &bidStats{Bidders: map[int64]ranks{}, Auctions: map[int64]ranks{}}
}

func (s *bidStats) add(b *auction.Bid) {
	i := rankOf(b.Price)
	s.Bids[i]++
	note(s.Bidders, b.Bidder, 1<<i)
	note(s.Auctions, b.Auction, 1<<i)
}

func rankOf(cents int64) int {
	switch {
	case cents < 10_000:
		return 0
	case cents < 1_000_000:
		return 1
	}
	return 2
}

// note writes only what is new: nearly always there is nothing.
func note(seen map[int64]ranks, id int64, r ranks) {
	if old := seen[id]; old|r != old {
		seen[id] = old | r
	}
}

func (s *bidStats) counts() bidCounts {
	return bidCounts{
		ByRank{s.Bids[0] + s.Bids[1] + s.Bids[2], s.Bids[0], s.Bids[1], s.Bids[2]},
		countRanks(s.Bidders),
		countRanks(s.Auctions),
	}
}

func countRanks(seen map[int64]ranks) ByRank {
	c := ByRank{Total: int64(len(seen))}
	for _, r := range seen {
		c.Rank1 += int64(r & 1)
		c.Rank2 += int64(r >> 1 & 1)
		c.Rank3 += int64(r >> 2)
	}
	return c
}
