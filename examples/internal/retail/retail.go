// Package retail is a year of a shop, for the examples that learn from one: lines of invoices, the orders that they make, and
// what is known of a customer at a time.
package retail

import (
	"strconv"
	"strings"
	"time"
)

// A Row is a line of Online Retail (Chen, 2015), a year of an English gift shop: https://doi.org/10.24432/C5BW33.
type Row struct {
	InvoiceNo   string // begins with C where it cancels another
	StockCode   string
	Description string
	Quantity    int64
	InvoiceDate time.Time `layout:"2006-01-02 15:04:05"`
	UnitPrice   Money
	CustomerID  string // "17850.0", or empty
}

func (r Row) Invoice() string { return r.InvoiceNo }
func (r Row) SKU() string     { return r.StockCode }
func (r Row) At() time.Time   { return r.InvoiceDate }
func (r Row) Paid() Money     { return Money(r.Quantity) * r.UnitPrice }

// Sold reports whether something was sold: the row cancels nothing, and quantity and price are above 0.
func (r Row) Sold() bool {
	return !strings.HasPrefix(r.InvoiceNo, "C") && r.Quantity > 0 && r.UnitPrice > 0
}

// Known reports whether something was sold to somebody who is known.
func (r Row) Known() bool { return r.Sold() && r.CustomerID != "" }

// Money is an amount in thousandths of a pound, as some goods cost less than a penny.
type Money int64

// Pounds returns the amount in pounds.
func (m Money) Pounds() float64 { return float64(m) / 1000 }

// UnmarshalText reads a decimal number of pounds.
func (m *Money) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	*m = Money(v*1000 + 0.5)
	if v < 0 {
		*m = Money(v*1000 - 0.5)
	}
	return err
}

// An Order is an invoice, its lines added up.
type Order struct {
	Customer int // 0 if nobody knows
	Invoice  string
	From, At time.Time // of its first and its last line
	Paid     Money
	Lines    int
	SKUs     []string
}

// By returns who ordered.
func (o Order) By() int { return o.Customer }

// PlacedAt returns when the last line was added.
func (o Order) PlacedAt() time.Time { return o.At }

// OrderOf adds the lines of an invoice up.
func OrderOf(rows []Row) Order {
	customer, _ := strconv.Atoi(strings.TrimSuffix(rows[0].CustomerID, ".0"))
	o := Order{Customer: customer, Invoice: rows[0].InvoiceNo, From: rows[0].InvoiceDate, Lines: len(rows)}
	seen := map[string]bool{}
	for _, r := range rows {
		o.At = r.InvoiceDate
		o.Paid += r.Paid()
		if !seen[r.StockCode] {
			seen[r.StockCode] = true
			o.SKUs = append(o.SKUs, r.StockCode)
		}
	}
	return o
}
