package main

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/freshet-go/freshet/stream/codec"
)

// A day is a made-up day of a shop with three tills. Each line knows what it
// is, so the day's books hold what no pipeline has computed.
type day struct{ tills [3][]entry }

// An entry is a line as a till has sent it.
type entry struct {
	Order
	arrival time.Time // when the till sent it
	broken  string    // what it sent instead, if that is no order
	offline bool      // it was sent hours after the sale
}

var (
	opening  = time.Date(2026, 3, 14, 7, 0, 0, 0, time.UTC)
	shopTime = 14 * time.Hour

	shelves = []struct {
		category string
		products int
		price    Money // of the cheapest
	}{
		{"books", 40, 7_900}, {"flowers", 15, 3_500}, {"games", 25, 12_490}, {"kitchen", 50, 4_250}, {"tea", 20, 2_995},
	}
)

// newDay makes a day of n lines.
func newDay(seed uint64, n int) *day {
	r := rand.New(rand.NewPCG(seed, 14))
	d := &day{}
	for i := range n {
		e := newEntry(r, i)
		till := r.IntN(len(d.tills))
		d.tills[till] = append(d.tills[till], e)
	}
	for _, till := range d.tills {
		slices.SortStableFunc(till, func(a, b entry) int { return a.arrival.Compare(b.arrival) })
	}
	return d
}

func newEntry(r *rand.Rand, i int) entry {
	// Two busy times: at noon, and in the early evening.
	at := time.Duration(-1)
	for at < 0 || at >= shopTime {
		busy := []time.Duration{5 * time.Hour, 11 * time.Hour}[r.IntN(2)]
		at = busy + time.Duration(r.NormFloat64()*float64(2*time.Hour)).Truncate(time.Millisecond)
	}
	shelf := shelves[r.IntN(len(shelves))]
	k := int(float64(shelf.products) * r.Float64() * r.Float64()) // some sell better
	e := entry{Order: Order{
		ID:       fmt.Sprintf("o-%06d", i/3), // three lines an order, more or less
		Time:     opening.Add(at),
		SKU:      fmt.Sprintf("%s-%02d", shelf.category, k),
		Range:    shelf.category,
		Quantity: 1 + int64(r.ExpFloat64()),
		Price:    shelf.price + Money(k)*250,
	}}
	if r.IntN(4) > 0 {
		e.Buyer = fmt.Sprintf("c-%04d", r.IntN(4000))
	}

	e.arrival = e.Time.Add(time.Duration(r.Int64N(int64(20 * time.Second)))) // within disorder
	switch chance := r.IntN(1000); {
	case chance < 15: // within lateness
		e.arrival = e.Time.Add(time.Minute + time.Duration(r.Int64N(int64(4*time.Minute))))
	case chance < 18 && at > time.Hour && at < 8*time.Hour: // an offline till: beyond it
		e.arrival, e.offline = e.Time.Add(4*time.Hour), true
	case chance < 48:
		e.Refund = true
	case chance < 53:
		e.Price = 0 // a gift
	case chance < 56:
		e.broken = breakages[r.IntN(len(breakages))](encode(e.Order))
	}
	return e
}

// line returns what the till sent.
func (e entry) line() []byte { return []byte(cmp.Or(e.broken, encode(e.Order))) }

// breakages are what becomes of lines on their way.
var breakages = []func(line string) string{
	func(line string) string { return line[:len(line)/2] },
	func(line string) string { return strings.Replace(line, `.`, `,`, 1) + "}" },
	func(line string) string { return strings.Replace(line, `"quantity":`, `"quantity":"two",`+`"was":`, 1) },
	func(line string) string { return strings.Replace(line, `"time"`, `"tine"`, 1) }, // so it has no time
}

func encode(o Order) string {
	line, err := codec.JSON[Order]().NewEncoder().Append(nil, o)
	if err != nil {
		panic(err) // an Order can be written
	}
	return strings.TrimSuffix(string(line), "\n")
}

// dayFiles are those of a day, one for each till.
var dayFiles = [3]string{"till-1.jsonl", "till-2.jsonl.gz", "till-3.jsonl.zst"}

// write writes a file for each till into dir, and returns their names.
func (d *day) write(dir string) ([]string, error) {
	var names []string
	for i, name := range dayFiles {
		name = filepath.Join(dir, name)
		if err := writeTill(name, d.tills[i]); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func writeTill(name string, entries []entry) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var w io.WriteCloser = f
	switch filepath.Ext(name) {
	case ".gz":
		w = gzip.NewWriter(f)
	case ".zst":
		if w, err = zstd.NewWriter(f); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if _, err := w.Write(append(e.line(), '\n')); err != nil {
			return err
		}
	}
	return w.Close()
}
