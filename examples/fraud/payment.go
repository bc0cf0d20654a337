package main

import "time"

// A Payment is a try to pay by card, as a gateway logs it.
type Payment struct {
	ID     int64     `json:"id"`
	Card   string    `json:"card"`
	Device string    `json:"device"` // that it came from
	Cents  int64     `json:"cents"`
	OK     bool      `json:"ok"`
	At     time.Time `json:"at"`

	// Strange is how far the amount is from what this card pays, in standard deviations. The model says so.
	Strange float64 `json:"strange,omitzero"`
}

func (p Payment) at() time.Time  { return p.At }
func (p Payment) card() string   { return p.Card }
func (p Payment) device() string { return p.Device }
func (p Payment) paid() bool     { return p.OK }
func (p Payment) failed() bool   { return !p.OK }

// made reports whether somebody made the payment: the last line of a day has no card, and says that the gateway is closed.
func (p Payment) made() bool { return p.Card != "" }

// An Alert says what was noticed of a card or a device, and by which payments, in the order of their times.
type Alert struct {
	Rule     string    `json:"rule"`
	Who      string    `json:"who"`
	Payments []Payment `json:"payments"`
}

// The alerts that no rule of the file is about.
const (
	tested = "card tested"
	shared = "device shared"
)

// A suspicion is what an alert says of one of its cards.
type suspicion struct {
	Card string
	Rule string
}

func (s suspicion) card() string { return s.Card }

// suspect says of each card what the alert says.
func (a Alert) suspect(emit func(suspicion)) {
	seen := map[string]bool{}
	for _, p := range a.Payments {
		if !seen[p.Card] {
			seen[p.Card] = true
			emit(suspicion{p.Card, a.Rule})
		}
	}
}
