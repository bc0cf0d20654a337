package main

import (
	"slices"

	"github.com/freshet-go/freshet/window"
)

// A Decision is the answer to who asks whether a card is to be taken. Of a card that nothing is known of there is none.
type Decision struct {
	Decline bool     `json:"decline"`
	Because []string `json:"because"` // the rules, by name
}

func (s suspicion) decision() Decision { return Decision{true, []string{s.Rule}} }

// and decides by what two decisions are because of.
func (d Decision) and(other Decision) Decision {
	all := slices.Concat(d.Because, other.Because)
	slices.Sort(all)
	return Decision{d.Decline || other.Decline, slices.Compact(all)}
}

// decided is the decision by all that a card is suspected of.
var decided = window.MapReduce(suspicion.decision, Decision.and)
