package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// A row is a line of Online Retail (Chen, 2015), a year of an English gift shop: https://doi.org/10.24432/C5BW33.
type row struct {
	InvoiceNo   string // begins with C where it cancels another
	StockCode   string
	Quantity    int64
	InvoiceDate time.Time `layout:"2006-01-02 15:04:05"`
	UnitPrice   Money
	CustomerID  string // "17850.0", or empty
}

func (r row) invoice() string { return r.InvoiceNo }
func (r row) at() time.Time   { return r.InvoiceDate }

// clean reports whether something was sold to somebody who is known.
func (r row) clean() bool {
	return !strings.HasPrefix(r.InvoiceNo, "C") && r.Quantity > 0 && r.UnitPrice > 0 && r.CustomerID != ""
}

// UnmarshalText reads a decimal number of pounds.
func (m *Money) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	*m = Money(v*1000 + 0.5)
	if v < 0 {
		*m = Money(v*1000 - 0.5)
	}
	return err
}

// order adds the lines of an invoice up.
func order(rows []row) Order {
	customer, _ := strconv.Atoi(strings.TrimSuffix(rows[0].CustomerID, ".0"))
	o := Order{Customer: customer, Invoice: rows[0].InvoiceNo, From: rows[0].InvoiceDate, Lines: len(rows)}
	seen := map[string]bool{}
	for _, r := range rows {
		o.At = r.InvoiceDate
		o.Paid += Money(r.Quantity) * r.UnitPrice
		if !seen[r.StockCode] {
			seen[r.StockCode] = true
			o.SKUs = append(o.SKUs, r.StockCode)
		}
	}
	return o
}

// readRetail reads the orders of Online Retail.
func readRetail(ctx context.Context, file string) (*shop, error) {
	p := stream.New("retail")
	orders := sink.Collect[stream.Pane[string, Order]]()
	p.From(source.Files(os.DirFS(filepath.Dir(file)), filepath.Base(file), codec.CSV[row]())).
		Filter(row.clean).
		EventTime(row.at).
		KeyBy(row.invoice).
		Window(window.Global()).
		Group(func(p stream.Pane[string, []row]) Order { return order(p.Value) }).
		To(orders)
	if err := p.Run(ctx); err != nil {
		return nil, err
	}
	s := &shop{name: "Online Retail (Chen, 2015)", cutoff: time.Date(2011, 9, 1, 0, 0, 0, 0, time.UTC)}
	for _, pane := range orders.Values() {
		s.orders = append(s.orders, pane.Value)
	}
	slices.SortFunc(s.orders, func(a, b Order) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Invoice, b.Invoice))
	})
	return s, nil
}
