package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
)

// The shop is closed on one day of the week.
const week = 6

// goesOn says what revenue the next week brings.
func goesOn(w io.Writer, s *shop) ([]report.Part, error) {
	series := s.daily()
	heading := report.Heading("How does revenue go on?")
	if len(series) < 20*week {
		fmt.Fprintf(w, "\n\nHow does revenue go on? %d days are too few to say.\n", len(series))
		return []report.Part{heading, report.Text("There are too few days to say.")}, nil
	}
	test := eval.NewBacktest(week, week, eval.Stride(week))
	test.Enter("ETS", forecast.NewETS(week))
	test.Enter("Theta", forecast.NewTheta(week))
	test.Enter("STL, and ETS of the logarithms", seasonal())
	if err := test.Run(series, len(series)-8*week); err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n\nHow does revenue go on? Each of the last 8 weeks of %s days foreseen from before\n\n%v", count(len(series)), test.Report())

	model := forecast.NewConformal(func() forecast.Model { return seasonal() }, 20, week)
	if err := model.Fit(series); err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\nThe next %d days, and what they should stay between with a chance of 80 %%\n\n", week)
	low, high := model.Interval(week, 0.8)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	was, next := chart.Line{Name: "revenue"}, chart.Line{Name: "foreseen, and between what with a chance of 80 %"}
	for i, v := range series[len(series)-8*week:] {
		was.Points = append(was.Points, chart.Point{X: float64(i - 8*week + 1), Y: v})
	}
	for h, v := range model.Forecast(week) {
		next.Points = append(next.Points, chart.Point{X: float64(h + 1), Y: v})
		next.Low, next.High = append(next.Low, max(0, low[h])), append(next.High, high[h])
		fmt.Fprintf(t, "day %d\t£%s\t£%s to\t£%s\t\n", h+1, count(int(v)), count(int(max(0, low[h]))), count(int(high[h])))
	}
	return []report.Part{
		heading, tableOf("Eight weeks, each foreseen from before", *test.Report()),
		report.Picture{Chart: chart.Chart{Title: "The last eight weeks, and the next one", X: chart.Axis{Title: "days on which the shop is open"}, Y: chart.Axis{Title: "revenue", Unit: "£"}, Layers: []chart.Layer{was, next}}},
	}, t.Flush()
}

// seasonal returns the model that is used: a week that changes slowly, and growth by rates.
func seasonal() forecast.Model {
	return forecast.NewLogged(forecast.NewAdjusted(week, forecast.NewETS(1), forecast.SeasonWindow(11)))
}

// daily returns the revenue of each day on which something was sold, in pounds.
func (s *shop) daily() (all []float64) {
	for _, d := range s.days {
		all = append(all, d.revenue.Pounds())
	}
	return all
}
