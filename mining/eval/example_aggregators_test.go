package eval_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/window"
)

// A Scored is an order, what was predicted, and what came.
type Scored struct {
	Returned    float64 // 1 or 0
	Probability float64
	Days, Guess float64
}

var orders = []Scored{{1, 0.8, 3, 4}, {0, 0.1, 5, 5}, {0, 0.6, 9, 6}, {1, 0.7, 2, 3}}

// In a pipeline this is Aggregate(agg) on windows. Here it is one of all.
func all[A, R any](agg window.Aggregator[Scored, A, R]) R {
	acc := agg.New()
	for _, o := range orders {
		acc = agg.Add(acc, o)
	}
	return agg.Result(acc)
}

func ExampleConfusionOf() {
	c := all(eval.ConfusionOf(2, func(s Scored) (label, predicted float64) {
		if s.Probability > 0.5 {
			return s.Returned, 1
		}
		return s.Returned, 0
	}))
	fmt.Println(c.Accuracy())
	// Output:
	// 0.75
}

func ExampleErrorsOf() {
	e := all(eval.ErrorsOf(func(s Scored) (label, predicted float64) { return s.Days, s.Guess }))
	fmt.Println(e.MAE())
	// Output:
	// 1.25
}

func ExampleLossesOf() {
	l := all(eval.LossesOf(2, func(s Scored) (float64, []float64) { return s.Returned, []float64{1 - s.Probability, s.Probability} }))
	fmt.Printf("%.4f\n", l.LogLoss())
	// Output:
	// 0.4004
}

func ExampleRankedOf() {
	r := all(eval.RankedOf(func(s Scored) (label, score float64) { return s.Returned, s.Probability }))
	fmt.Println(r.AUC())
	// Output:
	// 1
}

func ExampleBinnedOf() {
	b := all(eval.BinnedOf(100, func(s Scored) (label, score float64) { return s.Returned, s.Probability }))
	fmt.Println(b.AUC())
	// Output:
	// 1 0
}

func ExampleCalibrationOf() {
	c := all(eval.CalibrationOf(2, func(s Scored) (label, probability float64) { return s.Returned, s.Probability }))
	fmt.Printf("%.3f\n", c.Error())
	// Output:
	// 0.050
}

func ExamplePinballOf() {
	p := all(eval.PinballOf(0.5, func(s Scored) (label, predicted float64) { return s.Days, s.Guess }))
	fmt.Println(p.Loss())
	// Output:
	// 0.625
}

func ExampleIntervalsOf() {
	v := all(eval.IntervalsOf(0.9, func(s Scored) (label, lower, upper float64) { return s.Days, s.Guess - 1, s.Guess + 1 }))
	fmt.Println(v.Coverage())
	// Output:
	// 0.75
}

func ExampleListsOf() {
	l := all(eval.ListsOf(func(s Scored) eval.ListScore { return eval.ScoreList(2, []float64{3, 5}, []float64{s.Days}) }))
	fmt.Println(l.Mean().Hit)
	// Output:
	// 0.5
}
