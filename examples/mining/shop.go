package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/mining/cluster"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A shop is a year, read.
type shop struct {
	orders    []retail.Order // in the order of their times
	days      []dayOf        // those on which something was sold
	names     map[string]string
	customers []purchases
}

// A dayOf is the revenue of a day.
type dayOf struct {
	day     time.Time
	revenue retail.Money
}

// purchases are those of a customer.
type purchases = stream.Pane[int, cluster.Purchases]

// disorder is by how much a row may come later than others.
const disorder = time.Hour

// read has one pipeline add the rows up: to orders, to days, to the names of products, and to what each customer has bought.
func read(ctx context.Context, rows stream.Source[retail.Row], opts ...stream.RunOption) (*shop, error) {
	p := stream.New("year")
	year := window.Global()
	sold := p.From(rows).Filter(retail.Row.Sold).EventTime(retail.Row.At, stream.Disorder(disorder))

	days := sink.Collect[stream.Pane[stream.NoKey, retail.Money]]()
	sold.Window(window.Tumbling(24 * time.Hour)).Aggregate(window.Sum(retail.Row.Paid)).To(days)

	names := sink.Collect[stream.Pane[string, retail.Row]]()
	sold.KeyBy(retail.Row.SKU).Window(year).Aggregate(window.Last[retail.Row]()).To(names)

	orders, customers := sink.Collect[retail.Order](), sink.Collect[purchases]()
	placed := sold.KeyBy(retail.Row.Invoice).Window(year).Group(func(p stream.Pane[string, []retail.Row]) retail.Order { return retail.OrderOf(p.Value) }).
		Map(func(p stream.Pane[string, retail.Order]) retail.Order { return p.Value })
	placed.To(orders)
	placed.Filter(isKnown).KeyBy(retail.Order.By).Window(year).
		Aggregate(cluster.PurchasesOf(retail.Order.PlacedAt, func(o retail.Order) float64 { return o.Paid.Pounds() })).To(customers)
	if err := p.Run(ctx, opts...); err != nil {
		return nil, err
	}

	s := &shop{orders: orders.Values(), names: map[string]string{}, customers: customers.Values()}
	slices.SortFunc(s.orders, func(a, b retail.Order) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Invoice, b.Invoice)) })
	slices.SortFunc(s.customers, func(a, b purchases) int { return cmp.Compare(a.Key, b.Key) })
	for _, d := range days.Values() {
		s.days = append(s.days, dayOf{d.Start, d.Value})
	}
	for _, n := range names.Values() {
		s.names[n.Key] = strings.TrimSpace(n.Value.Description)
	}
	if len(s.orders) == 0 {
		return nil, fmt.Errorf("nothing was sold")
	}
	return s, nil
}

func isKnown(o retail.Order) bool { return o.Customer != 0 }

// known returns the orders of customers who are known.
func (s *shop) known() (all []retail.Order) {
	for _, o := range s.orders {
		if isKnown(o) {
			all = append(all, o)
		}
	}
	return all
}

// last returns the time of the last order.
func (s *shop) last() time.Time { return s.orders[len(s.orders)-1].At }

func (s *shop) revenue() (sum retail.Money) {
	for _, d := range s.days {
		sum += d.revenue
	}
	return sum
}

// title returns what a product is called.
func (s *shop) title(sku string) string {
	if n := s.names[sku]; n != "" {
		return n
	}
	return sku
}
