package main

import (
	"maps"
	"os"
	"slices"
	"time"

	"github.com/freshet-go/freshet/sink/chart"
	htmlreport "github.com/freshet-go/freshet/sink/report"
)

// writePage writes the report as a page with charts.
func (s *summary) writePage(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.page().WriteHTML(f); err != nil {
		return err
	}
	return f.Close()
}

func (s *summary) page() htmlreport.Report {
	figures := htmlreport.Figures{
		{Name: "sales", Value: s.Sales.Amount, Note: count(s.Sales.Lines) + " lines"},
		{Name: "refunds", Value: s.Refunds.Amount, Note: count(s.Refunds.Lines) + " lines"},
		{Name: "customers", Value: s.Known.Customers, Note: count(s.Known.Orders) + " orders"},
		{Name: "unreadable", Value: s.Unreadable, Note: "of " + count(s.Lines()) + " lines"},
	}
	when := chart.Axis{Zone: time.UTC}
	parts := []htmlreport.Part{
		figures,
		htmlreport.Heading("When"),
		htmlreport.Picture{Chart: chart.Chart{Title: "Sales by hour and category", X: when, Y: chart.Axis{Title: "sales an hour"},
			Layers: []chart.Layer{chart.Area{Parts: seriesOf(s.Hours), Step: 3600}}}},
	}
	if len(s.Days) > 1 {
		parts = append(parts, htmlreport.Picture{Chart: chart.Chart{Title: "Sales by day", X: when, Y: chart.Axis{Title: "sales a day"},
			Layers: []chart.Layer{chart.Line{Points: seriesOf(s.Days)[0].Points, Step: 86400}}}})
	} else {
		parts = append(parts, htmlreport.Picture{Chart: chart.Chart{Title: "What a minute brings", X: chart.Axis{Title: "sales of a category in a minute"}, Y: chart.Axis{Title: "minutes"},
			Layers: []chart.Layer{chart.Histogram("", amounts(s.Minutes), 40)}}})
	}
	var categories []chart.Rank
	hours := byName(s.Hours)
	for _, name := range slices.Sorted(maps.Keys(hours)) { // ties have an order
		categories = append(categories, chart.Rank{Name: name, Value: revenueOf(hours[name]).units()})
	}
	products := make([][]any, len(s.Best))
	for i, p := range s.Best {
		products[i] = []any{p.Key, p.Weight}
	}
	letters := make([][]any, len(s.Letters))
	for i, l := range s.Letters {
		letters[i] = []any{l.Position, l.Cause}
	}
	return htmlreport.Report{Title: "Sales", Parts: append(parts,
		htmlreport.Heading("What"),
		htmlreport.Picture{Chart: chart.Chart{Title: "Sales by category", Subtitle: "with the share of all that it and those above it have", Layers: []chart.Layer{chart.Pareto(categories, 12)}}},
		htmlreport.Table{Caption: "Products sold most", Columns: []string{"product", "units"}, Rows: products},
		htmlreport.Heading("What could not be read"),
		htmlreport.Table{Caption: "The first lines", Columns: []string{"where", "why"}, Rows: letters},
	)}
}

// seriesOf has a series for each category, by name.
func seriesOf(cells []cell) (all []chart.Series) {
	named := byName(cells)
	for _, name := range slices.Sorted(maps.Keys(named)) {
		s := chart.Series{Name: name}
		for _, c := range named[name] {
			s.Points = append(s.Points, chart.Point{X: chart.At(c.Start), Y: c.Revenue.units()})
		}
		all = append(all, s)
	}
	return all
}

func amounts(cells []cell) (all []float64) {
	for _, c := range cells {
		all = append(all, c.Revenue.units())
	}
	return all
}

// units returns what a chart draws.
func (m Money) units() float64 { return float64(m) / float64(whole) }
