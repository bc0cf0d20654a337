package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// read adds a source of the files to p, and returns their orders and the
// records that could not be decoded. Where the first name holds ".csv" all
// files are Online Retail's, and else JSON lines.
func read(p *stream.Pipeline, names []string) (stream.Stream[Order], stream.Stream[stream.Failed[[]byte]]) {
	var bad stream.Failures[[]byte]
	opts := []stream.Option{stream.Name("files"), stream.Divert(&bad)}
	if strings.Contains(filepath.Base(names[0]), ".csv") {
		rows := p.From(from(names, codec.CSV[retailRow]()), opts...)
		return rows.Map(retailRow.Order, stream.Name("adapt")), bad.Stream()
	}
	return p.From(from(names, codec.JSON[Order]()), opts...), bad.Stream()
}

// files is a file system that holds the named files alone.
type files []string

func (f files) Glob(string) ([]string, error)     { return f, nil }
func (f files) Open(name string) (fs.File, error) { return os.Open(name) }

// A retailRow is a row of Online Retail (Chen, 2015), a year of an English
// gift shop: https://doi.org/10.24432/C5BW33.
type retailRow struct {
	InvoiceNo   string // begins with C where it cancels another
	StockCode   string
	Quantity    int64     // negative where it cancels
	InvoiceDate time.Time `layout:"2006-01-02 15:04:05"`
	UnitPrice   Money
	CustomerID  string // "17850.0", or empty
	Country     string
}

// Order returns the row as an Order. A cancelled invoice is a refund; the
// country stands in for the category, which the shop does not tell.
func (r retailRow) Order() Order {
	o := Order{
		ID: r.InvoiceNo, Time: r.InvoiceDate, Buyer: strings.TrimSuffix(r.CustomerID, ".0"),
		SKU: r.StockCode, Range: r.Country, Quantity: r.Quantity, Price: r.UnitPrice,
	}
	if strings.HasPrefix(r.InvoiceNo, "C") {
		o.Refund, o.Quantity = true, -r.Quantity
	}
	return o
}
