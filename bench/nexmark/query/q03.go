package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in nexmark/nexmark, a join over all time, which gives a row as soon as
// both sides are there, whichever comes first. Nothing is late for it, and
// nothing is forgotten; Beam forgets sellers after a while.
var q03 = of("q3", "who of Oregon, Idaho and California sells in category 10", localSellers, localSellersByHand).timeless()

// A LocalSeller is a person and an auction of theirs.
type LocalSeller struct {
	Name, City, State string
	Auction           int64
}

// A local is what is known of a person who may sell.
type local struct {
	Known             bool // they have registered
	Name, City, State string
	Waiting           []int64 // auctions that came before
}

func localSellers(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[LocalSeller] {
	return events.
		Filter(isLocalOrInCategory10).
		KeyBy(personOrSeller).
		Process(joinSeller, nil, stream.Name("sellers"))
}

func isLocalOrInCategory10(e auction.Event) bool {
	switch {
	case e.Auction != nil:
		return e.Auction.Category == 10
	case e.Person != nil:
		return isLocal(e.Person.State)
	}
	return false
}

func isLocal(state string) bool { return state == "OR" || state == "ID" || state == "CA" }

func personOrSeller(e auction.Event) int64 {
	if e.Person != nil {
		return e.Person.ID
	}
	return e.Auction.Seller
}

func joinSeller(c *stream.KeyContext[int64, local, LocalSeller], e auction.Event) error {
	s := c.State()
	switch {
	case e.Person != nil:
		for _, id := range s.Waiting {
			c.Emit(LocalSeller{e.Person.Name, e.Person.City, e.Person.State, id})
		}
		*s = local{Known: true, Name: e.Person.Name, City: e.Person.City, State: e.Person.State}
	case s.Known:
		c.Emit(LocalSeller{s.Name, s.City, s.State, e.Auction.ID})
	default:
		s.Waiting = append(s.Waiting, e.Auction.ID)
	}
	return nil
}
