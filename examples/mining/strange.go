package main

import (
	"fmt"
	"io"
	"math"

	"github.com/freshet-go/freshet/mining/anomaly"
	"github.com/freshet-go/freshet/mining/forecast"
)

// strangest is from how many standard deviations on a day is looked at: of a normal distribution, one day in two thousand.
const strangest = 3.5

// strange says on which days revenue was not what the days before had one expect.
func strange(w io.Writer, s *shop) error {
	days, err := s.strangeDays()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n\nWhich days were strange? %d of %s, where chance alone would make %.1f\n\n", len(days), count(len(s.days)), float64(len(s.days))*2*0.000233)
	for _, d := range days {
		fmt.Fprintf(w, "%s: £%s, and £%s were expected\n", d.day.Format("Mon "+day), count(int(d.revenue.Pounds())), count(int(d.expected)))
	}
	return nil
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
