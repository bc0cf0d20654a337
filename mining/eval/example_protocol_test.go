package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

// newLogistic returns a small learner of one's own. See the linear models of package mining.
func newLogistic(features int) *logistic {
	return &logistic{w: make([]float64, features), rate: 0.1, shift: 0.1}
}

// returns draws orders and whether they come back.
func returns(n int, seed uint64) *mining.Table {
	random := rand.New(rand.NewPCG(seed, 0))
	t := &mining.Table{Names: []string{"price", "size", "weather"}}
	for range n {
		x := mining.Dense(random.NormFloat64(), random.NormFloat64(), random.NormFloat64())
		y := 0.0
		if x.At(0)+0.5*x.At(1)+random.NormFloat64() > 0.5 {
			y = 1
		}
		t.Add(x, y)
	}
	return t
}

func ExampleNewClassification() {
	test := eval.NewClassification(2, eval.Delay(10))
	test.Enter("logistic", newLogistic(3))
	test.Run(returns(2000, 1))
	fmt.Print(test.Report())
	// Output:
	// test-then-train, classification
	//                 events  accuracy  recent      F1   kappa  kappa M  kappa T  log loss   Brier     AUC
	// logistic          1989    0.7677  0.7720  0.6578  0.4834   0.3619   0.4867    0.4824  0.1600  0.8305
	// ----------------------------------------------------------------------------------------------------
	// majority class    1989    0.6360  0.6290  0.0000  0.0000   0.0000   0.1956    0.6920  0.2326  0.4804
	// no change         1989    0.5475  0.5510  0.3776  0.0221  -0.2431   0.0000     16.31  0.4525  0.5111
	// logistic is better than the best baseline, majority class: accuracy 0.7677 against 0.6360.
}

func ExampleDelay() {
	test := eval.NewClassification(2, eval.Delay(100)) // it takes 100 orders until we know
	test.Run(returns(1000, 1))
	fmt.Println(test.Results()[0].Confusion.Total())
	// Output:
	// 899
}

func ExampleDelayTime() {
	test := eval.NewClassification(2, eval.DelayTime(14*24*time.Hour))
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := range 30 {
		test.StepAt(first.AddDate(0, 0, day), mining.Dense(1), float64(day%2))
	}
	test.Finish()
	fmt.Println(test.Results()[0].Confusion.Total())
	// Output:
	// 16
}

func ExampleWindow() {
	test := eval.NewClassification(2, eval.Window(500))
	r := test.Enter("logistic", newLogistic(3))
	test.Run(returns(2000, 1))
	fmt.Println(r.Recent.Len())
	// Output:
	// 500
}

func ExampleFading() {
	test := eval.NewClassification(2, eval.Fading(0.99))
	r := test.Enter("logistic", newLogistic(3))
	test.Run(returns(2000, 1))
	fmt.Printf("%.3f of the last 100 or so\n", r.Faded.Accuracy())
	// Output:
	// 0.762 of the last 100 or so
}

func ExampleEvery() {
	test := eval.NewClassification(2, eval.Every(500))
	r := test.Enter("logistic", newLogistic(3))
	test.Run(returns(2001, 1))
	for _, p := range r.Curve {
		fmt.Printf("after %4d: %.3f, lately %.3f\n", p.Events, p.Whole, p.Recent)
	}
	// Output:
	// after  500: 0.790, lately 0.790
	// after 1000: 0.768, lately 0.768
	// after 1500: 0.768, lately 0.757
	// after 2000: 0.767, lately 0.767
}

func ExampleNewRegression() {
	test := eval.NewRegression(7)
	for day := range 70 {
		test.Step(mining.Vector{}, 100+10*float64(day%7))
	}
	test.Finish()
	fmt.Print(test.Report())
	// Output:
	// test-then-train, regression
	//             events     MAE  recent    RMSE       R2    WAPE     bias
	// mean            69   18.10   18.10   20.72  -0.0933  0.1387  -3.2817
	// last value      69   16.52   16.52   23.59  -0.4177  0.1267  -0.8696
	// 7 before        69  0.8696  0.8696  2.9488   0.9778  0.0067  -0.8696
}

func ExampleNewMajority() {
	m := eval.NewMajority(2)
	for _, y := range []float64{1, 1, 0, 1} {
		m.Learn(mining.Vector{}, y)
	}
	fmt.Println(m.Probabilities(mining.Vector{}, nil))
	// Output:
	// [0.25 0.75]
}

func ExampleNewNoChange() {
	m := eval.NewNoChange(2)
	m.Learn(mining.Vector{}, 1)
	fmt.Println(m.Probabilities(mining.Vector{}, nil))
	// Output:
	// [0 1]
}

func ExampleMean() {
	var m eval.Mean
	m.Learn(mining.Vector{}, 2)
	m.Learn(mining.Vector{}, 4)
	fmt.Println(m.Predict(mining.Vector{}))
	// Output:
	// 3
}

func ExampleNewSeasonal() {
	m := eval.NewSeasonal(3)
	for _, y := range []float64{1, 2, 3, 4} {
		m.Learn(mining.Vector{}, y)
	}
	fmt.Println(m.Predict(mining.Vector{}))
	// Output:
	// 2
}

// Halfway forecasts the mean of the last two values.
type Halfway struct{ last float64 }

func (h *Halfway) Fit(history []float64) error {
	n := len(history)
	h.last = (history[n-1] + history[max(0, n-2)]) / 2
	return nil
}

func (h *Halfway) Forecast(horizon int) []float64 {
	to := make([]float64, horizon)
	for i := range to {
		to[i] = h.last
	}
	return to
}

func sales() (series []float64) {
	for day := range 60 {
		series = append(series, 100+20*math.Sin(float64(day)*2*math.Pi/7)+float64(day))
	}
	return series
}

func ExampleNewBacktest() {
	test := eval.NewBacktest(7, 3)
	test.Enter("halfway", new(Halfway))
	if err := test.Run(sales(), 28); err != nil {
		fmt.Println(err)
	}
	fmt.Print(test.Report())
	// Output:
	// backtest, 3 ahead
	//                 origins     MAE    RMSE    MAPE   sMAPE    WAPE    MASE
	// halfway              30   20.89   23.65  0.1449  0.1473  0.1447  2.9838
	// -----------------------------------------------------------------------
	// mean                 30   23.37   27.63  0.1526  0.1698  0.1618  3.3381
	// last value           30   19.12   21.94  0.1330  0.1347  0.1324  2.7318
	// drift                30   19.42   22.35  0.1363  0.1358  0.1345  2.7748
	// seasonal naive       30  7.0000  7.0000  0.0491  0.0504  0.0485  1.0000
	// halfway is not better than the baseline seasonal naive: MAE 20.89 against 7.0000.
}

func ExampleGap() {
	test := eval.NewBacktest(7, 1, eval.Gap(6)) // goods are ordered six days before
	fmt.Println(test.Run(sales(), 28))
	for _, r := range test.Results() {
		fmt.Printf("%-14s %.2f\n", r.Name, r.Errors.MAE())
	}
	// Output:
	// <nil>
	// mean           27.32
	// last value     7.00
	// drift          2.27
	// seasonal naive 7.00
}

func ExampleStride() {
	test := eval.NewBacktest(7, 7, eval.Stride(7)) // each week
	fmt.Println(test.Run(sales(), 28), test.Results()[0].Origins)
	// Output:
	// <nil> 4
}

func ExampleSliding() {
	test := eval.NewBacktest(7, 1, eval.Sliding(14)) // two weeks of history
	fmt.Println(test.Run(sales(), 28))
	fmt.Printf("the mean errs by %.2f\n", test.Results()[0].Errors.MAE())
	// Output:
	// <nil>
	// the mean errs by 14.20
}

func ExampleReport() {
	r := eval.Report{
		Title:   "returns",
		Columns: []string{"events", "AUC"},
		Rows:    []eval.ReportRow{{Name: "logistic", Values: []float64{2000, 0.8251}}, {Name: "majority", Baseline: true, Values: []float64{2000, math.NaN()}}},
	}
	fmt.Print(&r)
	// Output:
	// returns
	//           events     AUC
	// logistic    2000  0.8251
	// ------------------------
	// majority    2000       -
}
