package cluster

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/window"
)

// Purchases is what a customer has bought. The zero value is of one who has bought nothing.
type Purchases struct {
	Orders      int64
	Revenue     float64
	First, Last time.Time

	rest float64 // what Revenue has lost to rounding
}

// Add adds an order. An amount that is NaN or infinite counts as 0.
func (p *Purchases) Add(at time.Time, amount float64) {
	if amount-amount != 0 {
		amount = 0
	}
	p.merge(Purchases{1, amount, at, at, 0})
}

// Merge adds what b has.
func (p *Purchases) Merge(b Purchases) { p.merge(b) }

func (p *Purchases) merge(b Purchases) {
	if b.Orders == 0 {
		return
	}
	if p.Orders == 0 || b.First.Before(p.First) {
		p.First = b.First
	}
	if p.Orders == 0 || b.Last.After(p.Last) {
		p.Last = b.Last
	}
	p.Orders += b.Orders
	sum := p.Revenue + b.Revenue // compensated: Neumaier, ZAMM 54, 1974
	if math.Abs(p.Revenue) >= math.Abs(b.Revenue) {
		p.rest += p.Revenue - sum + b.Revenue
	} else {
		p.rest += b.Revenue - sum + p.Revenue
	}
	p.Revenue, p.rest = sum, p.rest+b.rest
}

// RFM returns the three figures at a time.
func (p Purchases) RFM(now time.Time) RFM {
	return RFM{Recency: now.Sub(p.Last).Hours() / 24, Frequency: float64(p.Orders), Monetary: p.Revenue + p.rest}
}

// PurchasesOf aggregates orders into Purchases. Keyed by customer in a global window it is what each has bought so far. To
// count lines of an invoice as one order, group them by invoice first.
func PurchasesOf[T any](at func(T) time.Time, amount func(T) float64) window.Aggregator[T, Purchases, Purchases] {
	if at == nil || amount == nil {
		panic("cluster: PurchasesOf: a function is nil")
	}
	return window.Of(
		func() Purchases { return Purchases{} },
		func(p Purchases, v T) Purchases { p.Add(at(v), amount(v)); return p },
		func(a, b Purchases) Purchases { a.merge(b); return a },
		func(p Purchases) Purchases { p.Revenue, p.rest = p.Revenue+p.rest, 0; return p },
	)
}

// An RFM is how recently, how often and for how much a customer has bought: Bult and Wansbeek, "Optimal Selection
// for Direct Mail", Marketing Science 14, 1995.
type RFM struct {
	Recency   float64 // days since the last order
	Frequency float64 // orders
	Monetary  float64 // their sum
}

// A Score is an RFM beside those of all customers: from 1, the worst fifth, to 5, the best.
type Score struct{ R, F, M int }

// Scores returns the score of each. Equal figures have equal scores: that of a customer is 1 and five times the share of those
// who are worse, rounded down. So where most have ordered once, F is 1 for them, and the fifths are not of one size.
func Scores(all []RFM) []Score {
	scores := make([]Score, len(all))
	fifths(all, func(x RFM) float64 { return -x.Recency }, func(i, s int) { scores[i].R = s })
	fifths(all, func(x RFM) float64 { return x.Frequency }, func(i, s int) { scores[i].F = s })
	fifths(all, func(x RFM) float64 { return x.Monetary }, func(i, s int) { scores[i].M = s })
	return scores
}

func fifths(all []RFM, of func(RFM) float64, set func(i, score int)) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(of(all[a]), of(all[b])) })
	worse := 0
	for k, i := range order {
		if k > 0 && cmp.Compare(of(all[order[k-1]]), of(all[i])) != 0 {
			worse = k
		}
		set(i, 1+5*worse/len(all))
	}
}

// Name returns what marketing calls such a customer; the first row that fits counts:
//
//	champion         R, F and M at least 4
//	loyal            R at least 3, F at least 4
//	new              R at least 4, F at most 2
//	promising        R at least 3
//	cannot lose      F and M at least 4
//	at risk          F or M at least 3
//	asleep           all others
func (s Score) Name() string {
	switch {
	case s.R >= 4 && s.F >= 4 && s.M >= 4:
		return "champion"
	case s.R >= 3 && s.F >= 4:
		return "loyal"
	case s.R >= 4 && s.F <= 2:
		return "new"
	case s.R >= 3:
		return "promising"
	case s.F >= 4 && s.M >= 4:
		return "cannot lose"
	case s.F >= 3 || s.M >= 3:
		return "at risk"
	}
	return "asleep"
}
