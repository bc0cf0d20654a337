package query

import (
	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// A join of three over all time, which is in no original: nexmark/nexmark has
// added it. The three share the person, so one keyed operator joins them all.
var q23 = of("q23", "bids of people who sell, with the person and each auction of theirs", sellersBids, sellersBidsByHand).timeless()

// A SellersBid is a bid, its bidder and an auction that the bidder has opened.
type SellersBid struct {
	Bid     *auction.Bid
	Person  *auction.Person
	Auction *auction.Auction
}

// A dealer is what is known of a person.
type dealer struct {
	Person   *auction.Person // nil until they have registered
	Bids     []*auction.Bid
	Auctions []*auction.Auction
}

func sellersBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[SellersBid] {
	return events.
		KeyBy(personOf).
		Process(joinDealer, nil, stream.Name("dealers"))
}

func personOf(e auction.Event) int64 {
	switch {
	case e.Bid != nil:
		return e.Bid.Bidder
	case e.Auction != nil:
		return e.Auction.Seller
	}
	return e.Person.ID
}

func joinDealer(c *stream.KeyContext[int64, dealer, SellersBid], e auction.Event) error {
	c.State().add(e, c.Emit)
	return nil
}

// add notes an event, and emits each row that it completes.
func (d *dealer) add(e auction.Event, emit func(SellersBid)) {
	switch {
	case e.Bid != nil:
		d.Bids = append(d.Bids, e.Bid)
		if d.Person != nil {
			for _, a := range d.Auctions {
				emit(SellersBid{e.Bid, d.Person, a})
			}
		}
	case e.Auction != nil:
		d.Auctions = append(d.Auctions, e.Auction)
		if d.Person != nil {
			for _, b := range d.Bids {
				emit(SellersBid{b, d.Person, e.Auction})
			}
		}
	default:
		d.Person = e.Person
		for _, b := range d.Bids {
			for _, a := range d.Auctions {
				emit(SellersBid{b, e.Person, a})
			}
		}
	}
}
