package retail

import (
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/mining"
)

// A History is what is known of a customer: all that the models see is made of it.
type History struct {
	First, Last time.Time
	Orders      int
	Paid        Money
	Lines       int
	SKUs        map[string]bool
}

// Add adds an order.
func (h *History) Add(o Order) {
	if h.Orders == 0 {
		h.First, h.SKUs = o.From, map[string]bool{}
	}
	if o.At.After(h.Last) {
		h.Last = o.At
	}
	h.Orders++
	h.Paid += o.Paid
	h.Lines += o.Lines
	for _, sku := range o.SKUs {
		h.SKUs[sku] = true
	}
}

// Names are those of the features.
var Names = []string{"days since the last order", "days since the first order", "orders", "revenue", "lines", "products"}

// Features appends what a model sees of a customer at a time. Counts and amounts are logarithms: from one
// order to two is as far as from ten to twenty.
func (h *History) Features(now time.Time, x *mining.Vector) {
	days := func(t time.Time) float64 { return now.Sub(t).Hours() / 24 }
	x.Append(days(h.Last), days(h.First), math.Log1p(float64(h.Orders)), math.Log1p(h.Paid.Pounds()),
		math.Log1p(float64(h.Lines)), math.Log1p(float64(len(h.SKUs))))
}

// Snapshot returns the customers as they were known at the cutoff, in the order of their numbers, with 1 for
// those who ordered again within the horizon.
func Snapshot(orders []Order, cutoff time.Time, horizon time.Duration) *mining.Table {
	known, again := map[int]*History{}, map[int]bool{}
	for _, o := range orders {
		switch {
		case o.From.Before(cutoff):
			if known[o.Customer] == nil {
				known[o.Customer] = new(History)
			}
			known[o.Customer].Add(o)
		case o.From.Before(cutoff.Add(horizon)):
			again[o.Customer] = true
		}
	}
	var customers []int
	for c := range known {
		customers = append(customers, c)
	}
	slices.Sort(customers)
	t := &mining.Table{Names: Names}
	var x mining.Vector
	for _, c := range customers {
		x.Reset()
		known[c].Features(cutoff, &x)
		y := 0.0
		if again[c] {
			y = 1
		}
		t.Add(x, y)
	}
	return t
}

// Split returns four fifths of a table to learn from and the others, every fifth, to judge by.
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
