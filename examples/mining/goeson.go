package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/forecast"
)

// The shop is closed on one day of the week.
const week = 6

// goesOn says what revenue the next week brings.
func goesOn(w io.Writer, s *shop) error {
	series := s.daily()
	if len(series) < 20*week {
		fmt.Fprintf(w, "\n\nHow does revenue go on? %d days are too few to say.\n", len(series))
		return nil
	}
	test := eval.NewBacktest(week, week, eval.Stride(week))
	test.Enter("ETS", forecast.NewETS(week))
	test.Enter("Theta", forecast.NewTheta(week))
	test.Enter("STL, and ETS of the logarithms", seasonal())
	if err := test.Run(series, len(series)-8*week); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n\nHow does revenue go on? Each of the last 8 weeks of %s days foreseen from before\n\n%v", count(len(series)), test.Report())

	model := forecast.NewConformal(func() forecast.Model { return seasonal() }, 20, week)
	if err := model.Fit(series); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nThe next %d days, and what they should stay between with a chance of 80 %%\n\n", week)
	low, high := model.Interval(week, 0.8)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for h, v := range model.Forecast(week) {
		fmt.Fprintf(t, "day %d\t£%s\t£%s to\t£%s\t\n", h+1, count(int(v)), count(int(max(0, low[h]))), count(int(high[h])))
	}
	return t.Flush()
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
