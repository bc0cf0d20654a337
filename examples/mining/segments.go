package main

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/cluster"
	"github.com/freshet-go/freshet/mining/prepare"
	"github.com/freshet-go/freshet/sink/report"
)

// letters is how many different letters the shop can write: so many segments there are.
const letters = 4

// segments says who the customers are: by when they last ordered, how often, and for how much.
func segments(w io.Writer, s *shop) ([]report.Part, error) {
	plain, scaled, err := s.recencyFrequencyMoney()
	if err != nil {
		return nil, err
	}
	choices, err := cluster.ChooseK(scaled, 2, 6)
	if err != nil {
		return nil, err
	}
	model := cluster.NewKMeans(letters, 3, cluster.Restarts(20))
	if err := model.Fit(scaled); err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n\nWho are the customers? %d segments, by days since the last order, orders and revenue\n\n", letters)
	of := make([]int, scaled.Len())
	for i, x := range scaled.X {
		of[i] = model.Assign(x)
	}
	revenue, all := make([]float64, letters), 0.0
	for i, c := range s.customers {
		revenue[of[i]] += c.Value.Revenue
		all += c.Value.Revenue
	}
	t := report.Table{Caption: "Segments", Columns: []string{"who", "share of customers, %", "share of revenue, %"}}
	for _, g := range cluster.Describe(plain, of) {
		t.Rows = append(t.Rows, []any{g.String(), 100 * g.Share, 100 * revenue[g.Group] / all})
		fmt.Fprintf(w, "%s\n    brings %.0f %% of revenue with %.0f %% of the customers\n", g, 100*revenue[g.Group]/all, 100*g.Share)
	}
	alone := cluster.NewKMeans(1, 3)
	if err := alone.Fit(scaled); err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\nThey explain %.0f %% of how customers differ; one segment for all explains nothing. How clear other numbers would be, from -1 to 1:", 100*(1-model.Inertia()/alone.Inertia()))
	for _, c := range choices {
		fmt.Fprintf(w, " %d: %.2f", c.K, c.Silhouette)
	}
	fmt.Fprintln(w, ".")
	return []report.Part{report.Heading("Who are the customers?"), t}, nil
}

// recencyFrequencyMoney returns what people read of each customer, and logarithms on one scale, which models learn from.
func (s *shop) recencyFrequencyMoney() (plain, scaled *mining.Table, err error) {
	now := s.last().Truncate(24 * time.Hour).Add(24 * time.Hour)
	plain = &mining.Table{Names: []string{"days since", "orders", "revenue"}}
	logs := &mining.Table{Names: plain.Names}
	for _, c := range s.customers {
		r := c.Value.RFM(now)
		recency := math.Floor(r.Recency)
		plain.Add(mining.Dense(recency, r.Frequency, r.Monetary), 0)
		logs.Add(mining.Dense(math.Log1p(recency), math.Log1p(r.Frequency), math.Log1p(r.Monetary)), 0)
	}
	scale := prepare.NewStandard(3)
	if err := scale.Fit(logs); err != nil {
		return nil, nil, fmt.Errorf("segments: %w", err)
	}
	scaled = &mining.Table{Names: plain.Names}
	var z mining.Vector
	for _, x := range logs.X {
		scale.Transform(x, &z)
		scaled.Add(z, 0)
	}
	return plain, scaled, nil
}
