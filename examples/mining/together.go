package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/freshet-go/freshet/mining/basket"
	"github.com/freshet-go/freshet/sink/report"
)

// together says what is bought together.
func together(w io.Writer, s *shop) ([]report.Part, error) {
	sets, rules, err := s.rules()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n\nWhat is bought together? %s sets of products are in at least 2 %% of the orders; %s rules hold for at least half of those they speak of\n\n",
		count(len(sets.Sets)), count(len(rules)))
	t := report.Table{Caption: "Rules", Columns: []string{"who buys", "buys, too", "of them, %", "of all, %", "orders"}, Most: 12}
	for _, r := range rules {
		t.Rows = append(t.Rows, []any{s.titles(r.If), s.titles(r.Then), 100 * r.Confidence, 100 * r.Confidence / r.Lift, r.Count})
	}
	for _, r := range rules[:min(5, len(rules))] {
		fmt.Fprintf(w, "Who buys %s buys %s, too: %.0f %% do, of all %.0f %%, in %s orders.\n", s.titles(r.If), s.titles(r.Then),
			100*r.Confidence, 100*r.Confidence/r.Lift, count(r.Count))
	}
	if len(rules) == 0 {
		fmt.Fprintln(w, "Nothing is bought together that often.")
	}
	return []report.Part{report.Heading("What is bought together?"), t}, nil
}

// rules returns the sets of products in at least 2 % of the orders, and the rules among them that are right at least half of the time.
func (s *shop) rules() (*basket.Itemsets[string], []basket.Rule[string], error) {
	var baskets basket.Baskets[string]
	for _, o := range s.orders {
		baskets.Add(o.SKUs...)
	}
	sets, err := baskets.Frequent(basket.MinSupport(0.02))
	if err != nil {
		return nil, nil, err
	}
	return sets, sets.Rules(0.5), nil
}

// titles names products: "TEAPOT and CUP".
func (s *shop) titles(skus []string) string {
	var all []string
	for _, sku := range skus {
		all = append(all, s.title(sku))
	}
	return strings.Join(all, " and ")
}
