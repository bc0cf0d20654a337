package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/recommend"
	"github.com/freshet-go/freshet/sink/report"
)

// shown is how many products there is room for.
const shown = 10

// toShow says what to show to whom, and how well that would have foreseen each customer's last order.
func toShow(w io.Writer, s *shop) ([]report.Part, error) {
	near, popular, tests := s.holdOut()
	var byNear, byPopular eval.Lists
	for _, t := range tests {
		byNear.Add(eval.ScoreList(shown, items(near.Recommend(t.customer, nil, shown)), t.bought))
		byPopular.Add(eval.ScoreList(shown, items(popular.Recommend(t.had, nil, shown)), t.bought))
	}
	fmt.Fprintf(w, "\n\nWhat to show? Judged by the last order of %s customers, of which nothing was learnt\n\n", count(len(tests)))
	r := eval.Report{Columns: []string{"hit rate", "recall", "NDCG@10"}}
	for _, row := range []struct {
		name     string
		baseline bool
		of       eval.ListScore
	}{{"bought by whom bought the same", false, byNear.Mean()}, {"the most popular", true, byPopular.Mean()}} {
		r.Rows = append(r.Rows, eval.ReportRow{Name: row.name, Baseline: row.baseline, Values: []float64{row.of.Hit, row.of.Recall, row.of.NDCG}})
	}
	fmt.Fprint(w, r.String())
	parts := []report.Part{report.Heading("What to show?"), tableOf("How well ten products foresee the last order", r)}
	if len(tests) == 0 {
		return parts, nil
	}
	fmt.Fprintf(w, "\nTo customer %d, for one:\n", tests[0].customer)
	for _, x := range near.Recommend(tests[0].customer, nil, 3) {
		fmt.Fprintf(w, "  %s, because of %s\n", s.title(x.Item), s.titles(x.Because[:min(2, len(x.Because))]))
	}
	return parts, nil
}

// A test is what a customer had, and what the last order brought that was new.
type test struct {
	customer    int
	had, bought []string
}

// holdOut learns from all orders but each customer's last, of those with two or more.
func (s *shop) holdOut() (*recommend.ItemItem[int, string], *recommend.Popular[string], []test) {
	near := recommend.NewItemItem[int, string](recommend.Nearest(20))
	popular := recommend.NewPopular[string](0)
	last, orders := map[int]string{}, map[int]int{}
	for _, o := range s.known() {
		last[o.Customer] = o.Invoice
		orders[o.Customer]++
	}
	had, sold := map[int][]string{}, map[string]bool{}
	var tests []test
	for _, o := range s.known() {
		products := slices.DeleteFunc(slices.Clone(o.SKUs), isFee)
		if orders[o.Customer] > 1 && last[o.Customer] == o.Invoice {
			tests = append(tests, test{customer: o.Customer, bought: products})
			continue
		}
		for _, sku := range products {
			near.Add(o.Customer, sku)
			if !slices.Contains(had[o.Customer], sku) { // once more is as once
				had[o.Customer] = append(had[o.Customer], sku)
				popular.Add(o.At, sku)
			}
			sold[sku] = true
		}
	}
	kept := tests[:0]
	for _, t := range tests {
		t.had = had[t.customer]
		t.bought = slices.DeleteFunc(t.bought, func(sku string) bool { return slices.Contains(t.had, sku) || !sold[sku] })
		if len(t.bought) > 0 {
			kept = append(kept, t)
		}
	}
	return near, popular, kept
}

// isFee reports whether a code is none of a product: postage, say. Products have five digits.
func isFee(sku string) bool {
	digits := 0
	for digits < len(sku) && '0' <= sku[digits] && sku[digits] <= '9' {
		digits++
	}
	return digits < 5
}

func items(all []recommend.Recommendation[string]) (skus []string) {
	for _, r := range all {
		skus = append(skus, r.Item)
	}
	return skus
}
