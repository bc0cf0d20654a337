// Package auction makes the events of Nexmark: people who register, auctions
// that they open, and bids. It follows the generators of Apache Beam and
// nexmark/nexmark.
package auction

import (
	"fmt"
	"time"
)

// An Event is a person, an auction or a bid: one of the three is not nil.
type Event struct {
	Person  *Person
	Auction *Auction
	Bid     *Bid
}

// A Person has registered.
type Person struct {
	ID         int64
	Name       string
	Email      string
	CreditCard string
	City       string
	State      string
	At         time.Time
	Extra      string
}

// An Auction has been opened.
type Auction struct {
	ID          int64
	Item        string
	Description string
	InitialBid  int64
	Reserve     int64
	At          time.Time
	Expires     time.Time
	Seller      int64 // a person
	Category    int64
	Extra       string
}

// A Bid is for an auction, by a person. Prices are in cents.
type Bid struct {
	Auction int64
	Bidder  int64
	Price   int64
	At      time.Time
	Channel string
	URL     string
	Extra   string
}

// Time returns when an event took place.
func (e Event) Time() time.Time {
	switch {
	case e.Bid != nil:
		return e.Bid.At
	case e.Auction != nil:
		return e.Auction.At
	default:
		return e.Person.At
	}
}

// String returns what the event holds.
func (e Event) String() string {
	switch {
	case e.Bid != nil:
		return fmt.Sprintf("bid %+v", *e.Bid)
	case e.Auction != nil:
		return fmt.Sprintf("auction %+v", *e.Auction)
	case e.Person != nil:
		return fmt.Sprintf("person %+v", *e.Person)
	default:
		return "nothing"
	}
}

// IsBid reports whether an event is a bid.
func (e Event) IsBid() bool { return e.Bid != nil }

// IsAuction reports whether an event is a new auction.
func (e Event) IsAuction() bool { return e.Auction != nil }

// IsPerson reports whether an event is a new person.
func (e Event) IsPerson() bool { return e.Person != nil }

// TheBid returns the bid of an event that is one.
func (e Event) TheBid() Bid { return *e.Bid }

// TheAuction returns the auction of an event that is one.
func (e Event) TheAuction() Auction { return *e.Auction }

// ThePerson returns the person of an event that is one.
func (e Event) ThePerson() Person { return *e.Person }
