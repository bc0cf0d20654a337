package main

import (
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// pause is how long a card or a device does nothing until what it did before is forgotten.
const pause = 10 * time.Minute

// A spree is what is held of a card.
type spree struct {
	Payments []Payment // of the last ten minutes
	Broken   []string  // the rules that there have been alerts for
	Until    time.Time // when it is over if no payment comes
}

type (
	cardContext = stream.KeyContext[string, spree, Alert]
	rules       = stream.Rules[string, Rule]
)

// judge looks at a payment by the rules of its time. A rule is broken once in a spree.
func judge(c *cardContext, rules *rules, p Payment) error {
	s := c.State()
	s.add(p)
	for name, r := range rules.All() {
		if measures[r.Measure](s) > r.Limit && !slices.Contains(s.Broken, name) {
			s.Broken = append(s.Broken, name)
			c.Emit(Alert{name, c.Key(), slices.Clone(s.Payments)})
		}
	}
	c.SetTimer(s.Until)
	return nil
}

// forget is called when a spree may be over.
func forget(c *cardContext, _ *rules) error {
	if c.Time().Equal(c.State().Until) {
		c.Clear()
	}
	return nil
}

func (s *spree) add(p Payment) {
	s.Payments = slices.DeleteFunc(s.Payments, func(old Payment) bool { return p.At.Sub(old.At) >= pause })
	s.Payments = append(s.Payments, p)
	s.Until = p.At.Add(pause)
}

func (s *spree) cents() (sum float64) {
	for _, p := range s.Payments {
		if p.OK {
			sum += float64(p.Cents)
		}
	}
	return sum
}

func (s *spree) count() float64   { return float64(len(s.Payments)) }
func (s *spree) strange() float64 { return s.Payments[len(s.Payments)-1].Strange }
