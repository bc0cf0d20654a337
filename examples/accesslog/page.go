package main

import (
	"cmp"
	"fmt"
	"os"
	"sort"
	"time"

	"github.com/freshet-go/freshet/sink/chart"
	htmlreport "github.com/freshet-go/freshet/sink/report"
)

// writePage writes the report as a page with charts.
func (f *found) writePage(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := f.page().WriteHTML(out); err != nil {
		return err
	}
	return out.Close()
}

func (f *found) page() htmlreport.Report {
	t, late, s := single(&f.traffic), single(&f.late), single(&f.sessions)
	unreadable, first := f.letters.read()
	days, step := chart.FromPanes(f.byDay(), func(n int64) float64 { return float64(n) })
	var byDay []chart.Layer
	for _, d := range days {
		byDay = append(byDay, chart.Bars{Points: d.Points, Step: cmp.Or(step, (24 * time.Hour).Seconds())})
	}
	var paths []chart.Rank
	for _, p := range single(&f.paths) {
		paths = append(paths, chart.Rank{Name: p.Key, Value: float64(p.Weight)})
	}
	letters := make([][]any, len(first))
	for i, l := range first {
		letters[i] = []any{l.Position, l.Cause}
	}
	return htmlreport.Report{Title: "Access log", Parts: []htmlreport.Part{
		htmlreport.Figures{
			{Name: "requests", Value: t.Requests, Note: count(unreadable) + " lines were unreadable"},
			{Name: "sent", Value: float64(t.Bytes) / 1e9, Unit: "GB"},
			{Name: "clients", Value: t.Clients},
			{Name: "late lines", Value: late.Lines, Note: "by " + late.Max.String() + " at most"},
			{Name: "sessions", Value: s.Count, Note: count(s.Single) + " of one request"},
		},
		htmlreport.Picture{Chart: chart.Chart{Title: "Requests by day", X: chart.Axis{Zone: time.UTC}, Y: chart.Axis{Title: "requests"}, Layers: byDay}},
		htmlreport.Picture{Chart: chart.Chart{Title: "Status", Layers: []chart.Layer{chart.Pareto(ranksOf(&f.statuses), 12)}}},
		htmlreport.Picture{Chart: chart.Chart{Title: "Method", Layers: []chart.Layer{chart.Pareto(ranksOf(&f.methods), 12)}}},
		htmlreport.Picture{Chart: chart.Chart{Title: "Top paths", Layers: []chart.Layer{chart.Ranks{Bars: paths}}}},
		htmlreport.Table{Caption: "Lines that could not be read", Columns: []string{"where", "why"}, Rows: letters},
	}}
}

// ranksOf has the counts by key: those that are equal in the order of their keys.
func ranksOf[K cmp.Ordered](counts *counted[K]) (all []chart.Rank) {
	values := counts.Values()
	sort.Slice(values, func(i, j int) bool { return values[i].Key < values[j].Key }) // compiled once for all types of panes
	for _, p := range values {
		all = append(all, chart.Rank{Name: fmt.Sprint(p.Key), Value: float64(p.Value)})
	}
	return all
}
