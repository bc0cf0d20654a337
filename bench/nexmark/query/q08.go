package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// As in nexmark/nexmark, a row for each person; Beam has one for each auction,
// and the original windows of 12 hours.
var q08 = of("q8", "who registered and opened an auction in the same 10 s", newSellers, newSellersByHand)

const newSellerSize = 10 * time.Second

// A NewSeller is a person who opened an auction in the window of their
// registration, which begins at Start.
type NewSeller struct {
	Person int64
	Name   string
	Start  time.Time
}

func newSellers(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[NewSeller] {
	return events.
		Filter(isPersonOrAuction).
		KeyBy(personOrSeller).
		Window(window.Tumbling(newSellerSize)).
		Aggregate(newSeller, stream.Name("new sellers")).
		Filter(func(p stream.Pane[int64, arrivedSeller]) bool { return p.Value.Registered && p.Value.Opened }).
		Map(func(p stream.Pane[int64, arrivedSeller]) NewSeller {
			return NewSeller{p.Key, p.Value.Name, p.Start}
		})
}

func isPersonOrAuction(e auction.Event) bool { return !e.IsBid() }

// An arrivedSeller is what a person has done in a window.
type arrivedSeller struct {
	Name               string
	Registered, Opened bool
}

var newSeller = window.Of(
	func() arrivedSeller { return arrivedSeller{} },
	func(s arrivedSeller, e auction.Event) arrivedSeller {
		if e.IsAuction() {
			s.Opened = true
		} else {
			s.Name, s.Registered = e.Person.Name, true
		}
		return s
	},
	func(a, b arrivedSeller) arrivedSeller {
		if b.Registered {
			a.Name, a.Registered = b.Name, true
		}
		a.Opened = a.Opened || b.Opened
		return a
	},
	func(s arrivedSeller) arrivedSeller { return s },
)
