package main

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// An Edit is a line of the file of rules. It says what a rule is from a time on; without a measure there is no such rule from then on.
type Edit struct {
	From time.Time `json:"from"`
	Name string    `json:"rule"`
	Rule
}

// A Rule is broken by a card of which more is measured than the limit.
type Rule struct {
	Measure measure `json:"measure,omitzero"`
	Limit   float64 `json:"limit,omitzero"`
}

func (e Edit) from() time.Time { return e.From }
func (e Edit) name() string    { return e.Name }

// change says what becomes of the rule.
func (e Edit) change() stream.Change[Rule] {
	if e.Measure == "" {
		return stream.Change[Rule]{Kind: stream.Delete}
	}
	return stream.Change[Rule]{Kind: stream.Update, After: e.Rule}
}

// A measure is the name of one of measures.
type measure string

// measures are what rules can be about.
var measures = map[measure]func(*spree) float64{
	"cents":    (*spree).cents,
	"payments": (*spree).count,
	"strange":  (*spree).strange,
}

// UnmarshalText refuses what is misspelt, so that the line with it is no edit.
func (m *measure) UnmarshalText(text []byte) error {
	if *m = measure(text); measures[*m] == nil {
		return fmt.Errorf("there is no measure %q", text)
	}
	return nil
}
