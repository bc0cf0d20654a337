package main

import (
	"fmt"
	"io"
	"time"

	"github.com/freshet-go/freshet/mining/behaviour"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
)

// stays says whether customers stay: by the month of their first order, and from order to order.
func stays(w io.Writer, s *shop) ([]report.Part, error) {
	cohorts := s.cohorts()
	fmt.Fprintf(w, "\n\nDo customers stay? By the month of the first order, the share of per cent who ordered in each month after it\n\n%s", behaviour.Table(cohorts))

	funnel := s.funnel()
	fmt.Fprintf(w, "\nFrom order to order, within half a year of the first\n\n%s", funnel)
	var steps []chart.Rank
	for _, step := range funnel.Steps {
		steps = append(steps, chart.Rank{Name: step.Name, Value: float64(step.Users)})
	}
	return []report.Part{
		report.Heading("Do customers stay?"),
		report.Picture{Chart: chart.Chart{Title: "Who orders in the months after the first order", X: chart.Axis{Title: "months later"}, Layers: []chart.Layer{heatOf(cohorts)}}},
		report.Picture{Chart: chart.Chart{Title: "From order to order, within half a year of the first", X: chart.Axis{Title: "customers"}, Layers: []chart.Layer{chart.Funnel(steps)}}},
	}, nil
}

func (s *shop) cohorts() []behaviour.Cohort {
	months := behaviour.NewRetention[int](behaviour.Months(time.UTC))
	for _, o := range s.known() {
		months.Add(o.Customer, o.At)
	}
	return months.Cohorts()
}

// funnel follows customers who had half a year.
func (s *shop) funnel() behaviour.FunnelReport {
	const within = 182 * 24 * time.Hour
	steps := []string{"ordered", "a second time", "a third", "a fourth", "a fifth"}
	taken := map[int]*behaviour.Taken{}
	first := map[int]time.Time{}
	for _, o := range s.known() {
		if taken[o.Customer] == nil {
			taken[o.Customer], first[o.Customer] = new(behaviour.Taken), o.At
		}
		if n := len(taken[o.Customer].Steps); n < len(steps) {
			taken[o.Customer].Add(o.At, n)
		}
	}
	var all []behaviour.Taken
	for _, c := range s.customers {
		if s.last().Sub(first[c.Key]) >= within {
			all = append(all, *taken[c.Key])
		}
	}
	return behaviour.NewFunnel(within, steps...).Report(all)
}
