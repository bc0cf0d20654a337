package main

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A thing is an event of either side of a join: an item in a cart, a payment, a price.
type thing struct {
	ID  int
	Key string
	At  time.Time
}

func (t thing) key() string   { return t.Key }
func (t thing) at() time.Time { return t.At }

type match = stream.Match[thing, thing]

// matches runs a join, and returns what it found.
func matches(left, right []thing, join func(l, r stream.Keyed[string, thing]) stream.Stream[match]) ([]match, error) {
	p := stream.New("drawing")
	got := sink.Collect[match]()
	l := p.From(source.Slice(left)).EventTime(thing.at).KeyBy(thing.key)
	r := p.From(source.Slice(right)).EventTime(thing.at).KeyBy(thing.key)
	join(l, r).To(got)
	err := p.Run(context.Background(), stream.Shards(1))
	return got.Values(), err
}

func same(m match) match { return m }

var (
	added = []thing{{1, "c1", clock(9, 0)}, {2, "c2", clock(9, 10)}, {3, "c3", clock(9, 25)}}
	paid  = []thing{{1, "c1", clock(9, 12)}, {3, "c3", clock(9, 35)}, {2, "c2", clock(9, 50)}}
)

// sides draws the events of both sides, and a line for each pair.
func sides(p *picture, a axis, up, down float64, left, right []thing, found []match) {
	joined := map[[2]int]bool{}
	for _, m := range found {
		if m.HasLeft && m.HasRight {
			joined[[2]int{0, m.Left.ID}], joined[[2]int{1, m.Right.ID}] = true, true
			p.line(a.x(m.Left.At), up, a.x(m.Right.At), down, 2, "l2")
		}
	}
	for side, all := range [][]thing{left, right} {
		y, name := up, up-14
		if side == 1 {
			y, name = down, down+24
		}
		for _, e := range all {
			if joined[[2]int{side, e.ID}] {
				p.mark(a.x(e.At), y, side)
			} else {
				p.ring(a.x(e.At), y, side)
			}
			p.text(a.x(e.At), name, middle, "t", e.Key)
		}
	}
}

func legend(p *picture, y float64) {
	p.line(110, y, 140, y, 2, "l2")
	p.text(148, y+5, start, "m", "a pair")
	p.ring(226, y, 0)
	p.text(240, y+5, start, "m", "matches nothing")
}

func intervalJoin() (*picture, error) {
	found, err := matches(added, paid, func(l, r stream.Keyed[string, thing]) stream.Stream[match] {
		return l.IntervalJoin(r, 0, 30*time.Minute, stream.FullOuter, same)
	})
	p := newPicture(720, 250, "Items and payments by time; an item is joined with a payment of its cart within half an hour")
	a := axis{clock(8, 50), clock(10, 0), 120, 690}
	a.draw(p, 20, 188, 5*time.Minute, 10*time.Minute)
	p.bold(12, 51, start, "items")
	p.bold(12, 151, start, "payments")
	for _, e := range added {
		y := 64 + 18*float64(e.ID-1)
		p.rect(a.x(e.At), y, a.x(e.At.Add(30*time.Minute))-a.x(e.At), 14, "pale f0 l0")
	}
	sides(p, a, 46, 146, added, paid, found)
	legend(p, 232)
	return p, err
}

func windowJoin() (*picture, error) {
	found, err := matches(added, paid, func(l, r stream.Keyed[string, thing]) stream.Stream[match] {
		return l.WindowJoin(r, window.Tumbling(30*time.Minute), stream.FullOuter, same).
			Map(func(w stream.Pane[string, match]) match { return w.Value })
	})
	p := newPicture(720, 250, "Items and payments by time; an item is joined with a payment of its cart in the same window of half an hour")
	a := axis{clock(8, 50), clock(10, 0), 120, 690}
	a.draw(p, 20, 188, 5*time.Minute, 10*time.Minute)
	for _, from := range []time.Time{clock(9, 0), clock(9, 30)} {
		p.rect(a.x(from)+2, 44, a.x(from.Add(30*time.Minute))-a.x(from)-4, 140, "pale fm lm") // below the names of items, one of which is at its edge
	}
	p.bold(12, 61, start, "items")
	p.bold(12, 151, start, "payments")
	sides(p, a, 56, 146, added, paid, found)
	legend(p, 232)
	return p, err
}

func asOfJoin() (*picture, error) {
	items := []thing{{1, "tea", clock(9, 5)}, {2, "tea", clock(9, 30)}, {3, "tea", clock(9, 45)}}
	prices := []thing{{400, "tea", clock(9, 10)}, {450, "tea", clock(9, 40)}}
	found, err := matches(items, prices, func(l, r stream.Keyed[string, thing]) stream.Stream[match] {
		return l.AsOfJoin(r, stream.LeftOuter, same)
	})
	p := newPicture(720, 230, "Items by time, and the prices that were valid then")
	a := axis{clock(9, 0), clock(10, 0), 110, 690}
	a.draw(p, 20, 170, 5*time.Minute, 10*time.Minute)
	p.bold(12, 51, start, "items")
	p.bold(12, 136, start, "prices")
	for i, price := range prices {
		until := a.to
		if i+1 < len(prices) {
			until = prices[i+1].At
		}
		p.rect(a.x(price.At), 118, a.x(until)-a.x(price.At)-3, 28, "pale f1 l1")
		p.text(a.x(price.At)+14, 137, start, "t", fmt.Sprintf("tea costs %d", price.ID))
		p.mark(a.x(price.At), 132, 1)
	}
	for _, m := range found {
		x := a.x(m.Left.At)
		if !m.HasRight {
			p.ring(x, 46, 0)
			p.text(x, 32, middle, "t", "no price yet")
			continue
		}
		p.arrow(x, 54, x, 115, "l2")
		p.mark(x, 46, 0)
		p.text(x, 32, middle, "t", fmt.Sprint(m.Right.ID))
	}
	legend(p, 212)
	return p, err
}
