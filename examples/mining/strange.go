package main

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/freshet-go/freshet/mining/anomaly"
	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
)

// strangest is from how many standard deviations on a day is looked at: of a normal distribution, one day in two thousand.
const strangest = 3.5

// strange says on which days revenue was not what the days before had one expect.
func strange(w io.Writer, s *shop) ([]report.Part, error) {
	days, err := s.strangeDays()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n\nWhich days were strange? %d of %s, where chance alone would make %.1f\n\n", len(days), count(len(s.days)), float64(len(s.days))*2*0.000233)
	line, dots := chart.Line{Name: "revenue", Step: (2 * 24 * time.Hour).Seconds()}, chart.Dots{Name: "strange"}
	for _, d := range s.days {
		line.Points = append(line.Points, chart.Point{X: chart.At(d.day), Y: d.revenue.Pounds()})
	}
	for _, d := range days {
		dots.Points = append(dots.Points, chart.Point{X: chart.At(d.day), Y: d.revenue.Pounds()})
		fmt.Fprintf(w, "%s: £%s, and £%s were expected\n", d.day.Format("Mon "+day), count(int(d.revenue.Pounds())), count(int(d.expected)))
	}
	return []report.Part{
		report.Heading("Which days were strange?"),
		report.Picture{Chart: chart.Chart{Title: "Revenue by day", X: chart.Axis{Zone: time.UTC}, Y: chart.Axis{Title: "revenue", Unit: "£"}, Layers: []chart.Layer{line, dots}}},
	}, nil
}

type strangeDay struct {
	dayOf
	expected float64
}

// strangeDays compares each day with what smoothing foresaw, by rates: the distance is in robust standard deviations, so that strange days do not hide each
// other.
func (s *shop) strangeDays() (strange []strangeDay, err error) {
	series := s.daily()
	if len(series) < 4*week {
		return nil, nil
	}
	model := forecast.NewETS(week)
	logs := make([]float64, len(series))
	for i, v := range series {
		logs[i] = math.Log(v)
	}
	if err := model.Fit(logs); err != nil {
		return nil, err
	}
	scores := anomaly.NewRobust(anomaly.Window(len(series)))
	residuals := model.Residuals()
	for _, r := range residuals {
		scores.Add(r)
	}
	for i, r := range residuals {
		if math.Abs(scores.Score(r)) > strangest {
			strange = append(strange, strangeDay{s.days[i], math.Exp(logs[i] - r)})
		}
	}
	return strange, nil
}
