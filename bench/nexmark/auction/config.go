package auction

import (
	"fmt"
	"time"
)

// A Config says which events are made. Its zero value has the proportions of
// nexmark/nexmark.
type Config struct {
	Seed uint64
	// Rate is how many events there are in a second of event time. The default
	// is 10,000.
	Rate float64
	// Delay is by how much at most an event arrives late, as one in ten does.
	// The default is 3 s; below 0 none does.
	Delay time.Duration
	// Of HotAuctions bids one is for any auction in flight, and the others are for
	// one that is hot at the time; 1 is for none. The default is 2.
	HotAuctions int
	// HotBidders and HotSellers are the same for who bids and sells. The
	// default is 4.
	HotBidders, HotSellers int
	// People is how many people are active at a time. The default is 1,000.
	People int
	// InFlight is how many auctions are open at a time. The default is 100.
	InFlight int
}

func (c Config) withDefaults() Config {
	or := func(n *int, d int) {
		if *n == 0 {
			*n = d
		}
		if *n < 0 {
			panic(fmt.Sprintf("auction: %d in a Config", *n))
		}
	}
	or(&c.HotAuctions, 2)
	or(&c.HotBidders, 4)
	or(&c.HotSellers, 4)
	or(&c.People, 1000)
	or(&c.InFlight, 100)
	if c.Rate == 0 {
		c.Rate = 10_000
	}
	if c.Rate < 0 {
		panic(fmt.Sprintf("auction: a rate of %v", c.Rate))
	}
	if c.Delay == 0 {
		c.Delay = 3 * time.Second
	}
	return c
}

// Of each epoch of 50 events the first is a person, three are auctions, and
// the rest are bids.
const (
	peopleOfEpoch   = 1
	auctionsOfEpoch = 3
	epoch           = 50
)

// Numbers of the original generator.
const (
	firstPerson   = 1000
	firstAuction  = 1000
	firstCategory = 10
	categories    = 5
	lead          = 10  // ids that are used before they are given out
	hotEvery      = 100 // one id in so many is hot
)

// begin is the time of the first event, as in Beam.
var begin = time.Date(2015, 7, 15, 0, 0, 0, 0, time.UTC)
