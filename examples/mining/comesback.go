package main

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/prepare"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
)

// horizon is for how long it is asked whether a customer comes back.
const horizon = 90 * 24 * time.Hour

// comesBack says which customers order again within 90 days. (Examples/churn asks this alone, and takes more care.)
func comesBack(w io.Writer, s *shop) ([]report.Part, error) {
	train, test := retail.Split(s.snapshot())
	model := prepare.NewClassifier(linear.NewLogistic(train.Features()), prepare.NewStandard(train.Features()))
	if err := model.Fit(train); err != nil {
		return nil, err
	}
	share := mean(train.Y)
	chances := make([]float64, test.Len())
	alike, lately := make([]float64, test.Len()), make([]float64, test.Len())
	var p []float64
	for i, x := range test.X {
		p = model.Probabilities(x, p)
		chances[i], alike[i], lately[i] = p[1], share, -x.At(0)
	}
	fmt.Fprintf(w, "\n\nWho comes back within 90 days? Learnt from %s customers, judged by %s others, of whom %.0f %% did\n\n",
		count(train.Len()), count(test.Len()), 100*mean(test.Y))
	r := eval.Report{Columns: []string{"AUC", "log loss"}, Rows: []eval.ReportRow{
		{Name: "logistic regression", Values: []float64{eval.Rank(test.Y, chances, nil).AUC(), logLoss(test, chances)}},
		{Name: "who was here lately", Baseline: true, Values: []float64{eval.Rank(test.Y, lately, nil).AUC(), math.NaN()}},
		{Name: "everybody alike", Baseline: true, Values: []float64{0.5, logLoss(test, alike)}},
	}}
	fmt.Fprint(w, r.String())
	gains := eval.Rank(test.Y, chances, nil).Gains(10)
	fmt.Fprintf(w, "\nOf the tenth with the best chances %.0f %% came back, of the tenth with the worst %.0f %%.\n", 100*gains[0].Rate, 100*gains[len(gains)-1].Rate)
	bars := make([]chart.Point, len(gains))
	for i, g := range gains {
		bars[i] = chart.Point{X: float64(i + 1), Y: 100 * g.Rate}
	}
	return []report.Part{
		report.Heading("Who comes back?"), tableOf("Judged by customers of whom nothing was learnt", r),
		report.Picture{Chart: chart.Chart{Title: "Customers by their chances, a tenth each", X: chart.Axis{Title: "from the best chances to the worst"}, Y: chart.Axis{Title: "came back", Unit: "%"},
			Layers: []chart.Layer{chart.Bars{Points: bars}}}},
	}, nil
}

// snapshot returns the customers as they were known on the first of a month, the last one that is 90 days before the end.
func (s *shop) snapshot() *mining.Table {
	y, m, _ := s.last().Add(-horizon).Date()
	return retail.Snapshot(s.known(), time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), horizon)
}

func logLoss(t *mining.Table, chances []float64) float64 {
	return eval.LoseChances(t.Y, chances, nil).LogLoss()
}

func mean(all []float64) (sum float64) {
	for _, v := range all {
		sum += v
	}
	return sum / float64(len(all))
}
