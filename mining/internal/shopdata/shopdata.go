// Package shopdata makes the tables that tests of models learn from, of the data sets that are
// shared beside the project: FRESHET_SHARED names their folder. Where it is unset, tests
// that need them are skipped. Each table is made once in a process; it is shared, and not to be changed.
package shopdata

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-go/freshet/mining"
)

// Path returns the path of a shared data set, "elec.csv.gz".
func Path(t testing.TB, name string) string {
	t.Helper()
	shared := os.Getenv("FRESHET_SHARED")
	if shared == "" {
		t.Skip("FRESHET_SHARED is not set: it names the folder with data/" + name)
	}
	return filepath.Join(shared, "data", name)
}

// Lines calls each with the records of a CSV file behind its header, which each may not keep.
// A name that ends in .gz is unpacked.
func Lines(t testing.TB, name string, each func(record []string)) {
	t.Helper()
	f, err := os.Open(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	r := csv.NewReader(in)
	r.ReuseRecord = true
	for row := 0; ; row++ {
		record, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if row > 0 {
			each(record)
		}
	}
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A Line is a clean line of an invoice of Online Retail: not of a cancelled one, its
// quantity and price positive.
type Line struct {
	Invoice, SKU string
	Quantity     int
	Price        float64
	Time         time.Time
	Customer     int // 0: not known
	Country      string
}

// Clean returns the 530,104 clean lines of Online Retail, in the order of time.
func Clean(t testing.TB) []Line {
	t.Helper()
	retail.Lock()
	defer retail.Unlock()
	if retail.lines == nil {
		names := map[string]string{}
		keep := func(s string) string { // one string for all lines that have it
			if k, ok := names[s]; ok {
				return k
			}
			s = strings.Clone(s)
			names[s] = s
			return s
		}
		Lines(t, "online_retail.csv.gz", func(r []string) {
			quantity, price := number(t, r[3]), number(t, r[5])
			if strings.HasPrefix(r[0], "C") || quantity <= 0 || price <= 0 {
				return
			}
			at, err := time.Parse(time.DateTime, r[4])
			if err != nil {
				t.Fatal(err)
			}
			l := Line{Invoice: keep(r[0]), SKU: keep(r[1]), Quantity: int(quantity), Price: price, Time: at, Country: keep(r[7])}
			if r[6] != "" {
				l.Customer = int(number(t, r[6]))
			}
			retail.lines = append(retail.lines, l)
		})
	}
	return retail.lines
}

var retail struct {
	sync.Mutex
	lines []Line
}

// Cutoff is the time at which RepeatPurchase knows its customers: what is behind it is to
// be predicted.
var Cutoff = time.Date(2011, 9, 1, 0, 0, 0, 0, time.UTC)

// RepeatPurchase returns the 3,317 customers with a clean order before Cutoff, in the order of
// their ids, and their table. The label is 1 for the 1,864 that order again within 90 days of it. The features are
// recency and tenure (days from the last and the first order to Cutoff, with fractions), and
// the logarithms of 1 + the number of orders, revenue, lines and SKUs.
func RepeatPurchase(t testing.TB) (ids []int, table *mining.Table) {
	t.Helper()
	lines := Clean(t)
	repeat.Lock()
	defer repeat.Unlock()
	if repeat.table == nil {
		repeat.ids, repeat.table = purchases(lines)
	}
	return repeat.ids, repeat.table
}

var repeat struct {
	sync.Mutex
	ids   []int
	table *mining.Table
}

func purchases(lines []Line) ([]int, *mining.Table) {
	type customer struct {
		first, last    time.Time
		invoices, skus map[string]bool
		revenue        float64
		lines          int
		again          float64
	}
	customers := map[int]*customer{}
	end := Cutoff.AddDate(0, 0, 90)
	for _, l := range lines {
		c := customers[l.Customer]
		switch {
		case l.Customer == 0 || !l.Time.Before(end):
		case l.Time.Before(Cutoff):
			if c == nil {
				c = &customer{first: l.Time, invoices: map[string]bool{}, skus: map[string]bool{}}
				customers[l.Customer] = c
			}
			c.last = l.Time
			c.invoices[l.Invoice], c.skus[l.SKU] = true, true
			c.revenue += float64(l.Quantity) * l.Price
			c.lines++
		case c != nil:
			c.again = 1
		}
	}
	var ids []int
	for id := range customers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	table := &mining.Table{Names: []string{"recency", "tenure", "orders", "revenue", "lines", "skus"}}
	days := func(at time.Time) float64 { return Cutoff.Sub(at).Hours() / 24 }
	for _, id := range ids {
		c := customers[id]
		table.Add(mining.Dense(days(c.last), days(c.first), math.Log1p(float64(len(c.invoices))), math.Log1p(c.revenue),
			math.Log1p(float64(c.lines)), math.Log1p(float64(len(c.skus)))), c.again)
	}
	return ids, table
}

// Split returns the rows of t whose number is no multiple of 5, and those whose is.
func Split(t *mining.Table) (train, test *mining.Table) {
	var a, b []int
	for i := range t.Len() {
		if i%5 == 0 {
			b = append(b, i)
		} else {
			a = append(a, i)
		}
	}
	return t.Select(a), t.Select(b)
}

// Elec2 returns the 45,312 events of Elec2, which are in the order of time, with 6 features and
// the classes 0 and 1.
func Elec2(t testing.TB) *mining.Table {
	t.Helper()
	elec.Lock()
	defer elec.Unlock()
	if elec.table == nil {
		table := &mining.Table{Names: []string{"period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"}}
		var x mining.Vector
		Lines(t, "elec.csv.gz", func(r []string) {
			x.Reset()
			for _, v := range r[:6] {
				x.Append(number(t, v))
			}
			table.Add(x, number(t, r[6]))
		})
		elec.table = table
	}
	return elec.table
}

var elec struct {
	sync.Mutex
	table *mining.Table
}

// SMS returns the 5,574 messages of SMS Spam, and 1 for those that are spam.
func SMS(t testing.TB) (texts []string, spam []float64) {
	t.Helper()
	Lines(t, "sms_spam.csv.gz", func(r []string) {
		texts = append(texts, strings.Clone(r[1]))
		y := 0.0
		if r[0] == "spam" {
			y = 1
		}
		spam = append(spam, y)
	})
	return texts, spam
}
