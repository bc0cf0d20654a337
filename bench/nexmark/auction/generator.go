package auction

import (
	"math"
	"math/bits"
	"time"
)

// A generator makes events by their numbers: what an event is depends on the
// seed and its number alone. Memory for events comes in blocks.
type generator struct {
	Config
	gap      float64 // nanoseconds between events
	bids     []Bid
	auctions []Auction
	people   []Person
}

func newGenerator(c Config) *generator {
	c = c.withDefaults()
	return &generator{Config: c, gap: 1e9 / c.Rate}
}

const block = 256

// at returns when an event takes place.
func (g *generator) at(n int64) time.Time {
	return begin.Add(time.Duration(float64(n) * g.gap))
}

// event makes the event of a number.
func (g *generator) event(n int64) Event {
	r := random{mix(g.Seed + uint64(n)*golden)}
	switch in := n % epoch; {
	case in < peopleOfEpoch:
		if len(g.people) == 0 {
			g.people = make([]Person, block/8)
		}
		p := &g.people[0]
		g.people = g.people[1:]
		g.fillPerson(p, n, &r)
		return Event{Person: p}
	case in < peopleOfEpoch+auctionsOfEpoch:
		if len(g.auctions) == 0 {
			g.auctions = make([]Auction, block/8)
		}
		a := &g.auctions[0]
		g.auctions = g.auctions[1:]
		g.fillAuction(a, n, &r)
		return Event{Auction: a}
	default:
		if len(g.bids) == 0 {
			g.bids = make([]Bid, block)
		}
		b := &g.bids[0]
		g.bids = g.bids[1:]
		g.fillBid(b, n, &r)
		return Event{Bid: b}
	}
}

// lastPerson and lastAuction count from 0 what has been registered and opened
// up to an event.
func lastPerson(n int64) int64 { return n/epoch*peopleOfEpoch + min(n%epoch, peopleOfEpoch-1) }

func lastAuction(n int64) int64 {
	in := n%epoch - peopleOfEpoch
	if in < 0 {
		return n/epoch*auctionsOfEpoch - 1
	}
	return n/epoch*auctionsOfEpoch + min(in, auctionsOfEpoch-1)
}

// anyPerson is one of those that are active, or will soon be registered.
func (g *generator) anyPerson(n int64, r *random) int64 {
	people := lastPerson(n) + 1
	active := min(people, int64(g.People))
	return people - active + r.below(active+lead)
}

// anyAuction is one of those that are open, or will soon be.
func (g *generator) anyAuction(n int64, r *random) int64 {
	last := max(lastAuction(n), 0)
	first := max(last-int64(g.InFlight), 0)
	return first + r.below(last-first+1+lead)
}

func (g *generator) fillPerson(p *Person, n int64, r *random) {
	*p = Person{
		ID:         firstPerson + lastPerson(n),
		Name:       pick(names, r),
		Email:      pick(emails, r),
		CreditCard: pick(cards, r),
		City:       pick(cities, r),
		State:      pick(states, r),
		At:         g.at(n),
		Extra:      r.text(100),
	}
}

func (g *generator) fillAuction(a *Auction, n int64, r *random) {
	first := r.price()
	seller := lastPerson(n) / hotEvery * hotEvery
	if r.below(int64(g.HotSellers)) == 0 {
		seller = g.anyPerson(n, r)
	}
	at := g.at(n)
	// As long as it takes until as many auctions have been opened as are in
	// flight, on average.
	horizon := float64(g.InFlight) * epoch / auctionsOfEpoch * g.gap
	*a = Auction{
		ID:          firstAuction + lastAuction(n),
		Item:        r.text(20),
		Description: r.text(100),
		InitialBid:  first,
		Reserve:     first + r.price(),
		At:          at,
		Expires:     at.Add(time.Millisecond + time.Duration(2*horizon*r.float())),
		Seller:      firstPerson + seller,
		Category:    firstCategory + r.below(categories),
		Extra:       r.text(300),
	}
}

func (g *generator) fillBid(b *Bid, n int64, r *random) {
	auction := max(lastAuction(n), 0) / hotEvery * hotEvery
	if r.below(int64(g.HotAuctions)) == 0 {
		auction = g.anyAuction(n, r)
	}
	bidder := lastPerson(n)/hotEvery*hotEvery + 1
	if r.below(int64(g.HotBidders)) == 0 {
		bidder = g.anyPerson(n, r)
	}
	c := &channels[r.below(int64(len(channels)))]
	if r.below(2) > 0 {
		c = &hotChannels[r.below(int64(len(hotChannels)))]
	}
	*b = Bid{
		Auction: firstAuction + auction,
		Bidder:  firstPerson + bidder,
		Price:   r.price(),
		Channel: c.name,
		URL:     c.url,
		At:      g.at(n),
		Extra:   r.text(30),
	}
}

// delay returns how many events later than its turn an event arrives.
func (g *generator) delay(n int64) int64 {
	most := g.mostDelay()
	if most == 0 {
		return 0
	}
	r := random{mix(g.Seed ^ uint64(n)*golden ^ 0x5851f42d4c957f2d)}
	if r.below(10) > 0 {
		return 0
	}
	return 1 + r.below(most)
}

// mostDelay keeps an event that is delayed by so much within Delay.
func (g *generator) mostDelay() int64 {
	return max(0, int64(g.Delay.Seconds()*g.Rate))
}

const golden = 0x9e3779b97f4a7c15

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// random is SplitMix64.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += golden
	return mix(r.state)
}

// below returns a number from 0 to n-1, nearly uniform for small n.
func (r *random) below(n int64) int64 {
	high, _ := bits.Mul64(r.next(), uint64(n))
	return int64(high)
}

func (r *random) float() float64 { return float64(r.next()>>11) / (1 << 53) }

// price is from 1.00 to a million, the small ones as likely as the large.
func (r *random) price() int64 { return int64(math.Round(math.Exp(r.float()*6*math.Ln10) * 100)) }

// text is a piece of the padding.
func (r *random) text(n int) string {
	from := int(r.below(int64(len(padding) - n)))
	return padding[from : from+n]
}

func pick(from []string, r *random) string { return from[r.below(int64(len(from)))] }
