package forecast

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Demand foresees what is sold now and then: spare parts, the end of a range. It smooths how much is asked for when anything is, and how
// often that is, as values come. It takes a few words of memory. One goroutine at a time uses it.
type Demand struct {
	rule        Rule
	size, often float64 // how fast each follows

	started  bool
	amount   float64 // of a value that is not 0
	interval float64 // between those; for TSB, the chance of one
	waited   float64 // values since the last one
}

// A Rule is how a Demand foresees.
type Rule int

// The rules.
const (
	// Croston divides the amount by the interval: Croston, Operational Research Quarterly 23, 1972. It foresees a little too much.
	Croston Rule = iota
	// SBA takes that off: Syntetos and Boylan, International Journal of Forecasting 21, 2005.
	SBA
	// TSB smooths the chance of a demand instead, with each value, so that what nobody asks for any more fades away: Teunter, Syntetos and
	// Babai, European Journal of Operational Research 214, 2011.
	TSB
)

// NewDemand returns a model that has learnt nothing. How fast the amount and the interval, or the chance, follow are alpha and beta, above 0 and up to 1; 0.1 is
// usual. It panics for what is beyond.
func NewDemand(rule Rule, alpha, beta float64) *Demand {
	if rule < Croston || rule > TSB || !(alpha > 0 && alpha <= 1) || !(beta > 0 && beta <= 1) {
		panic(fmt.Sprintf("forecast: NewDemand(rule %d, alpha %v, beta %v): want a rule, and both above 0 and up to 1", rule, alpha, beta))
	}
	return &Demand{rule: rule, size: alpha, often: beta}
}

// Learn learns the next value: 0 where nothing was asked for. One that is NaN, infinite or negative teaches nothing, and one beyond 1e100
// counts as that.
func (d *Demand) Learn(y float64) {
	if !mining.Known(y) || y < 0 {
		return
	}
	y = min(y, 1e100)
	d.waited++
	some := 0.0
	if y > 0 {
		some = 1
	}
	switch {
	case d.rule == TSB && !d.started:
		d.started, d.interval = true, some
	case d.rule == TSB:
		d.interval += d.often * (some - d.interval)
	}
	if y == 0 {
		return
	}
	if d.amount == 0 {
		d.amount = y
	} else {
		d.amount += d.size * (y - d.amount)
	}
	if d.rule != TSB {
		if !d.started {
			d.started, d.interval = true, d.waited
		} else {
			d.interval += d.often * (d.waited - d.interval)
		}
	}
	d.waited = 0
}

// Rate returns how much is foreseen for each value to come: 0 before anything was asked for.
func (d *Demand) Rate() float64 {
	switch {
	case d.amount == 0:
		return 0
	case d.rule == TSB:
		return d.amount * d.interval
	case d.rule == SBA:
		return (1 - d.often/2) * d.amount / d.interval
	}
	return d.amount / d.interval
}

// ReorderPoint returns with how much in stock an order has to go out that arrives after lead values, so that the stock lasts until then with the chance
// service, between 0 and 1: what is foreseen until then, and a reserve by what the model takes for its errors. Those of the steps
// are taken to be normal and not to depend on each other; where they do, the reserve is too small. It is never below 0.
func ReorderPoint(m Model, lead int, service float64) float64 {
	if lead < 1 {
		panic(fmt.Sprintf("forecast: ReorderPoint with a lead of %d: want at least 1", lead))
	}
	if !(service > 0 && service < 1) {
		panic(fmt.Sprintf("forecast: ReorderPoint with a service of %v: want between 0 and 1", service))
	}
	sum, variance := 0.0, 0.0
	for _, v := range m.Forecast(lead) {
		sum += v
	}
	for _, sd := range spreads(m, lead) {
		variance += sd * sd
	}
	return max(0, sum+normal.Quantile(service)*math.Sqrt(variance))
}

type plainDemand struct {
	Rule                     int
	Size, Often              float64
	Started                  bool
	Amount, Interval, Waited float64
}

var kindDemand = saved.As[plainDemand]("forecast.Demand", 1)

// AppendBinary appends all that d holds.
func (d *Demand) AppendBinary(b []byte) ([]byte, error) {
	return kindDemand.Append(b, &plainDemand{int(d.rule), d.size, d.often, d.started, d.amount, d.interval, d.waited})
}

// UnmarshalBinary replaces all that d holds by what AppendBinary has appended.
func (d *Demand) UnmarshalBinary(data []byte) error {
	var p plainDemand
	err := kindDemand.Read(data, &p, func(p *plainDemand) error {
		if p.Rule < int(Croston) || p.Rule > int(TSB) {
			return fmt.Errorf("there is no rule %d", p.Rule)
		}
		return nil
	})
	if err == nil {
		*d = Demand{Rule(p.Rule), p.Size, p.Often, p.Started, p.Amount, p.Interval, p.Waited}
	}
	return err
}
