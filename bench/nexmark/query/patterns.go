package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
)

// Patterns are the queries of nexmark/nexmark that are written with MATCH_RECOGNIZE: queries-cep, q0 to q3. They have no loops by
// hand beside them.
var Patterns = []Query{c0, c1, c2, c3}

var (
	c0 = matching("c0", "periods in which the bids of a bidder for an auction fall, and then rise", falls)
	c1 = matching("c1", "periods in which these cost less than 100 on average, none of which overlap", cheapApart)
	c2 = matching("c2", "the same, one from each bid on", cheapFromEach)
	c3 = matching("c3", "bids that are more than 50 cents below one of the 5 s before, with none as low between", drops)
)

// A Haggle is the bids of a bidder for an auction.
type Haggle struct{ Auction, Bidder int64 }

// A Fall is when bids fell: the first, the lowest, and the one by which they have risen.
type Fall struct {
	Haggle
	Start, Bottom, End time.Time
}

// A Cheap period is one of bids whose average is low.
type Cheap struct {
	Haggle
	Start, End time.Time
	Average    int64
}

// A Drop is a bid that is By less than an earlier one.
type Drop struct {
	Haggle
	At time.Time
	By int64
}

// matching makes a query of a pattern.
func matching[R any](name, meaning string, rows func(stream.Keyed[Haggle, auction.Event]) stream.Stream[R]) Query {
	return of(name, meaning, func(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[R] {
		return rows(events.Filter(auction.Event.IsBid).KeyBy(haggleOf))
	}, nil)
}

func haggleOf(e auction.Event) Haggle { return Haggle{e.Bid.Auction, e.Bid.Bidder} }
func any1(auction.Event) bool         { return true }

type (
	soFar   = pattern.SoFar[auction.Event]
	matched = pattern.Matched[Haggle, auction.Event]
)

// falls: an END row is compared with the last DOWN row but one, as LAST(DOWN.price, 1) says, and so there are two of them at least.
func falls(bids stream.Keyed[Haggle, auction.Event]) stream.Stream[Fall] {
	down := func(m *soFar, e auction.Event) bool {
		last, again := m.Last("down")
		if !again {
			last, _ = m.Last("start")
		}
		return e.Bid.Price < last.Bid.Price
	}
	up := func(m *soFar, e auction.Event) bool {
		downs := m.Events("down")
		return len(downs) > 1 && e.Bid.Price > downs[len(downs)-2].Bid.Price
	}
	p := pattern.Begin("start", any1).
		Next("down", any1).Where(down).OneOrMore().Consecutive().Greedy().
		Next("up", any1).Where(up).
		Skip(pattern.SkipToLast("up"))
	return pattern.Match(bids, p, stream.Name("falls")).Map(func(m matched) Fall {
		start, _ := m.First("start")
		bottom, _ := m.Last("down")
		end, _ := m.Last("up")
		return Fall{m.Key, start.Bid.At, bottom.Bid.At, end.Bid.At}
	})
}

const cheap = 10_000

func cheapApart(bids stream.Keyed[Haggle, auction.Event]) stream.Stream[Cheap] {
	return cheapPeriods(bids, pattern.SkipPastLast())
}

func cheapFromEach(bids stream.Keyed[Haggle, auction.Event]) stream.Stream[Cheap] {
	return cheapPeriods(bids, pattern.SkipToNext())
}

func cheapPeriods(bids stream.Keyed[Haggle, auction.Event], skip pattern.Skip) stream.Stream[Cheap] {
	low := func(m *soFar, e auction.Event) bool {
		before := m.Events("low")
		return (sum(before)+e.Bid.Price)/int64(len(before)+1) < cheap
	}
	p := pattern.Begin("low", any1).Where(low).OneOrMore().Consecutive().Greedy().
		Next("end", any1).
		Skip(skip)
	return pattern.Match(bids, p, stream.Name("cheap periods")).Map(func(m matched) Cheap {
		all := m.Events("low")
		return Cheap{m.Key, all[0].Bid.At, all[len(all)-1].Bid.At, sum(all) / int64(len(all))}
	})
}

func sum(bids []auction.Event) (cents int64) {
	for _, e := range bids {
		cents += e.Bid.Price
	}
	return cents
}

const (
	drop       = 50
	dropWithin = 5 * time.Second
)

func drops(bids stream.Keyed[Haggle, auction.Event]) stream.Stream[Drop] {
	below := func(m *soFar, e auction.Event) int64 {
		first, _ := m.First("first")
		return first.Bid.Price - e.Bid.Price
	}
	p := pattern.Begin("first", any1).
		Next("between", any1).Where(func(m *soFar, e auction.Event) bool { return below(m, e) < drop }).OneOrMore().Consecutive().Greedy().Optional().
		Next("low", any1).Where(func(m *soFar, e auction.Event) bool { return below(m, e) > drop }).
		Within(dropWithin).
		Limit(1 << 20). // of 5 s of the hottest key each bid begins a partial match, which holds all behind it
		Skip(pattern.SkipPastLast())
	return pattern.Match(bids, p, stream.Name("drops")).Map(func(m matched) Drop {
		first, _ := m.First("first")
		low, _ := m.Last("low")
		return Drop{m.Key, low.Bid.At, first.Bid.Price - low.Bid.Price}
	})
}
