package main

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/freshet-go/freshet/examples/shop/service"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// A Past is what was known of a customer in the morning.
type Past struct {
	Orders int64 `hbase:"past:orders"`
	Cents  int64 `hbase:"past:cents"`
}

// A Profile is what is known now.
type Profile struct {
	Visitor string    `hbase:"@row"`
	Orders  int64     `hbase:"now:orders"` // of a lifetime
	Cents   int64     `hbase:"now:cents"`
	Last    time.Time `hbase:"now:last,unixmilli"` // order
	// Today is how many of the orders are of this day: the second one makes the second version of the row. That is the time of
	// its cells, so a replay writes each version again as it was, and an older one does not win.
	Today int64 `hbase:"@time"`
}

func (p Profile) row() string { return p.Visitor }

// A known order has the past of its customer.
type known struct {
	Order service.Order
	Past  Past
}

func with(o service.Order, p Past) known { return known{o, p} }
func (k known) visitor() string          { return k.Order.Visitor }
func (k known) regular() bool            { return k.Past.Orders >= 4 }
func visitor(o service.Order) string     { return o.Visitor }

// Build looks up the past of each customer, and keeps the profiles.
func (h *profiles) Build(s service.Shop, orders stream.Stream[service.Order]) {
	enriched := orders.KeyBy(visitor).
		Lookup(h.past(), with, stream.CacheResults(10_000, time.Minute), stream.Name("past"))

	enriched.KeyBy(known.visitor).
		Process(ordered, nil, stream.Name("profiles")).
		To(hbasesink.Puts(h.client, h.gateway, tableName, Profile.row), stream.Name("profiles in HBase"))

	enriched.Filter(known.regular).
		To(service.Counter[known](s, "orders of regulars"), stream.Name("count regulars"))
}

// past looks a customer up. One who is not there is new.
func (h *profiles) past() func(context.Context, string) (Past, error) {
	lookup := hbasesource.Lookup[string, Past](h.client, h.gateway, tableName, func(visitor string) string { return visitor })
	return func(ctx context.Context, visitor string) (Past, error) {
		p, err := lookup(ctx, visitor)
		if errors.Is(err, hbasesource.ErrMissing) {
			return Past{}, nil
		}
		return p, err
	}
}

type profileContext = stream.KeyContext[string, Profile, Profile]

// ordered is called for each order.
func ordered(c *profileContext, k known) error {
	p := c.State()
	p.add(k)
	c.Emit(*p)
	return nil
}

func (p *Profile) add(k known) {
	if p.Today == 0 {
		*p = Profile{Visitor: k.Order.Visitor, Orders: k.Past.Orders, Cents: k.Past.Cents}
	}
	p.Today, p.Orders, p.Cents = p.Today+1, p.Orders+1, p.Cents+k.Order.Cents
	if k.Order.PaidAt.After(p.Last) {
		p.Last = k.Order.PaidAt
	}
}

// pastOf makes up what was known of a visitor: of two in three nothing.
func pastOf(visitor string) Past {
	n := int64(crc32.ChecksumIEEE([]byte(visitor)))
	if n%3 != 0 {
		return Past{}
	}
	return Past{Orders: 1 + n%7, Cents: 500 + n%20_000}
}

// Prepare is the job of the night.
func (h *profiles) Prepare(ctx context.Context, _ service.Shop, t service.Traffic) error {
	if err := h.create(ctx); err != nil {
		return err
	}
	type row struct {
		Visitor string `hbase:"@row"`
		Past
		Night int64 `hbase:"@time"`
	}
	var rows []row
	for o := range t.Orders() {
		if past := pastOf(o.Visitor); past.Orders > 0 {
			rows = append(rows, row{o.Visitor, past, 1})
		}
	}
	p := stream.New("night")
	p.From(source.Slice(rows)).To(hbasesink.Puts(h.client, h.gateway, tableName, func(r row) string { return r.Visitor }))
	return p.Run(ctx)
}

// Found reads the table.
func (h *profiles) Found(ctx context.Context, _ service.Shop, f service.Figures) error {
	all := sink.Collect[Profile]()
	p := stream.New("found")
	p.From(hbasesource.Table[Profile](h.client, h.gateway, tableName)).To(all)
	if err := p.Run(ctx); err != nil {
		return err
	}
	for _, profile := range all.Values() {
		profile.addTo(f)
	}
	return nil
}

// Books adds up all orders of the day.
func (h *profiles) Books(t service.Traffic, f service.Figures) {
	all, regulars := map[string]*Profile{}, 0
	for o := range t.Orders() {
		k := with(*o, pastOf(o.Visitor))
		if all[o.Visitor] == nil {
			all[o.Visitor] = &Profile{}
		}
		all[o.Visitor].add(k)
		if k.regular() {
			regulars++
		}
	}
	for _, p := range all {
		p.addTo(f)
	}
	f.Count("orders of regulars", fmt.Sprint(regulars))
}

func (p *Profile) addTo(f service.Figures) {
	f.Add("profiles", p.Visitor, fmt.Sprintf("%d orders, %d today, %s, the last one at %s", p.Orders, p.Today, service.Money(p.Cents), p.Last.UTC().Format("15:04:05.000")))
}
