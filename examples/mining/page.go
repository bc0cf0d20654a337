package main

import (
	"math"
	"os"
	"strconv"

	"github.com/freshet-go/freshet/mining/behaviour"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
)

// writePage writes the answers as a page with charts.
func writePage(file string, r report.Report) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := r.WriteHTML(f); err != nil {
		return err
	}
	return f.Close()
}

// summary begins a page: what the shop is, in four figures.
func (s *shop) summary(name string) report.Report {
	return report.Report{Title: "A year of a shop", Subtitle: name + ", from " + s.orders[0].From.Format(day) + " to " + s.last().Format(day), Parts: []report.Part{report.Figures{
		{Name: "revenue", Value: math.Round(s.revenue().Pounds()), Unit: "£"},
		{Name: "orders", Value: len(s.orders), Note: count(len(s.known())) + " of customers who are known"},
		{Name: "customers", Value: len(s.customers)},
		{Name: "products", Value: len(s.names)},
	}}}
}

// tableOf has a row for each model, the baselines last.
func tableOf(caption string, r eval.Report) report.Table {
	t := report.Table{Caption: caption, Columns: append([]string{"model"}, r.Columns...)}
	for _, baseline := range []bool{false, true} {
		for _, row := range r.Rows {
			if row.Baseline != baseline {
				continue
			}
			cells := []any{row.Name}
			for _, v := range row.Values {
				cells = append(cells, v)
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

// heatOf has a row for each month of first orders.
func heatOf(cohorts []behaviour.Cohort) chart.Heat {
	h := chart.Heat{Share: true}
	for _, c := range cohorts {
		h.Rows = append(h.Rows, c.Start.Format("2006-01"))
		var row []float64
		for after := range c.Users {
			if after == len(h.Columns) {
				h.Columns = append(h.Columns, "+"+strconv.Itoa(after))
			}
			row = append(row, c.Share(after))
		}
		h.Values = append(h.Values, row)
	}
	return h
}
