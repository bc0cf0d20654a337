package auction

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

func TestProportions(t *testing.T) {
	const n = 100_000
	events := Config{}.Events(n)
	require.Len(t, events, n)
	var people, auctions, bids int64
	for _, e := range events {
		switch {
		case e.Person != nil:
			people++
		case e.Auction != nil:
			auctions++
		case e.Bid != nil:
			bids++
		}
	}
	require.Equal(t, []int64{n / 50, 3 * n / 50, 46 * n / 50}, []int64{people, auctions, bids})
}

// Ids are given out in the order of event time, from 1000 on, and what an
// event refers to exists, or will within as many ids as the original's lead.
func TestIDs(t *testing.T) {
	events := Config{Delay: -1}.Events(50_000)
	person, auction := int64(firstPerson-1), int64(firstAuction-1)
	local := 0
	for i, e := range events {
		switch {
		case e.Person != nil:
			person++
			require.Equal(t, person, e.Person.ID)
			if slices.Contains([]string{"OR", "ID", "CA"}, e.Person.State) {
				local++
			}
		case e.Auction != nil:
			auction++
			require.Equal(t, auction, e.Auction.ID)
			require.LessOrEqual(t, e.Auction.Seller, person+lead)
			require.GreaterOrEqual(t, e.Auction.Seller, int64(firstPerson))
			require.Contains(t, []int64{10, 11, 12, 13, 14}, e.Auction.Category)
			require.True(t, e.Auction.Expires.After(e.Auction.At))
			require.GreaterOrEqual(t, e.Auction.Reserve, e.Auction.InitialBid)
		default:
			require.LessOrEqual(t, e.Bid.Auction, auction+lead, "event %d", i)
			require.GreaterOrEqual(t, e.Bid.Auction, auction-hotEvery, "event %d", i)
			require.LessOrEqual(t, e.Bid.Bidder, person+1+lead)
			require.GreaterOrEqual(t, e.Bid.Bidder, int64(firstPerson))
			require.GreaterOrEqual(t, e.Bid.Price, int64(100))
			require.LessOrEqual(t, e.Bid.Price, int64(100_000_000))
		}
		require.Equal(t, begin.Add(time.Duration(i)*time.Second/10_000), e.Time())
	}
	require.InDelta(t, 500, local, 100)
}

func TestHotRatios(t *testing.T) {
	hot := func(c Config) (auctions, bidders float64) {
		c.Delay = -1
		var onHot, byHot, bids float64
		for n, e := range c.Events(100_000) {
			if e.Bid == nil {
				continue
			}
			bids++
			if e.Bid.Auction == firstAuction+lastAuction(int64(n))/hotEvery*hotEvery {
				onHot++
			}
			if e.Bid.Bidder == firstPerson+lastPerson(int64(n))/hotEvery*hotEvery+1 {
				byHot++
			}
		}
		return onHot / bids, byHot / bids
	}
	auctions, bidders := hot(Config{})
	require.InDelta(t, 0.5, auctions, 0.02)
	require.InDelta(t, 0.75, bidders, 0.02)
	auctions, bidders = hot(Config{HotAuctions: 1, HotBidders: 10})
	require.InDelta(t, 0, auctions, 0.02)
	require.InDelta(t, 0.9, bidders, 0.02)
}

// One event in ten arrives behind others that took place after it, by up to
// the delay; nothing else is out of order.
func TestDelays(t *testing.T) {
	for _, parts := range []int64{1, 3} {
		const n = 200_000
		var newest time.Time
		late, most := 0, time.Duration(0)
		a := newArrivals(Config{}, n, parts, 0)
		for {
			e, ok := a.next()
			if !ok {
				break
			}
			if e.Time().Before(newest) {
				late, most = late+1, max(most, newest.Sub(e.Time()))
				continue
			}
			newest = e.Time()
		}
		require.InDelta(t, 0.1, float64(late)*float64(parts)/n, 0.005)
		require.LessOrEqual(t, most, 3*time.Second)
		require.Greater(t, most, 2900*time.Millisecond)
	}
}

// All partitions together have the same events, however many there are, and
// a seed makes the same ones each time.
func TestSameEvents(t *testing.T) {
	sorted := func(events []Event) []Event {
		slices.SortStableFunc(events, func(a, b Event) int { return a.Time().Compare(b.Time()) })
		return events
	}
	c := Config{Seed: 4, Rate: 1000}
	want := sorted(c.Events(5000))
	for _, partitions := range []int{1, 2, 3, 7} {
		out := sink.Collect[Event]()
		p := stream.New("events")
		p.From(c.Source(5000, partitions)).To(out)
		require.NoError(t, p.Run(t.Context()))
		require.Equal(t, want, sorted(out.Values()))
	}
	require.Equal(t, c.Events(5000), c.Events(5000))
	require.NotEqual(t, c.Events(5000), Config{Seed: 5, Rate: 1000}.Events(5000))
	require.ElementsMatch(t, c.Events(10), slices.Concat(Split(c.Events(10), 3)...))
}

// A reader that goes on from any offset gives what the first one would have.
func TestResumes(t *testing.T) {
	c := Config{Rate: 20}
	all := newArrivals(c, 400, 2, 1)
	for places := 0; ; places++ {
		again := newArrivals(c, 400, 2, 1)
		again.skipTo(all.turn, all.gone)
		rest := *all
		rest.ring = nil
		for _, waiting := range all.ring {
			rest.ring = append(rest.ring, slices.Clone(waiting))
		}
		for {
			want, more := rest.next()
			got, ok := again.next()
			require.Equal(t, more, ok)
			require.Equal(t, want, got)
			if !more {
				break
			}
		}
		if _, ok := all.next(); !ok {
			require.Equal(t, 200, places)
			return
		}
	}
}

// The rate of the generator, by which it must not hide an engine: one core,
// in the order of arrival.
func BenchmarkGenerator(b *testing.B) {
	a := newArrivals(Config{Rate: 100_000}, int64(b.N), 1, 0)
	b.ReportAllocs()
	for {
		if _, ok := a.next(); !ok {
			break
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
}

func TestSource(t *testing.T) {
	c := Config{Rate: 100}
	for _, partitions := range []int{1, 3} {
		var want []Event
		for part := range partitions {
			a := newArrivals(c, 2000, int64(partitions), int64(part))
			for e, ok := a.next(); ok; e, ok = a.next() {
				want = append(want, e)
			}
		}
		sourcetest.Suite[Event]{
			Source: func(testing.TB) stream.Source[Event] { return c.Source(2000, partitions) },
			Want:   want,
		}.Run(t)
	}
}
