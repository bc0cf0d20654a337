package eval_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining/eval"
)

func ExampleMeasure() {
	sold := []float64{10, 20, 30, 40}
	predicted := []float64{12, 18, 33, 40}
	e := eval.Measure(sold, predicted, nil)
	fmt.Printf("MAE %.2f, RMSE %.3f, R2 %.3f\n", e.MAE(), e.RMSE(), e.R2())
	fmt.Printf("MAPE %.4f, sMAPE %.4f, WAPE %.4f, bias %.2f\n", e.MAPE(), e.SMAPE(), e.WAPE(), e.Bias())
	fmt.Printf("MASE %.3f\n", e.MASE(eval.NaiveScale([]float64{5, 10, 8, 10}, 1)))
	// Output:
	// MAE 1.75, RMSE 2.062, R2 0.966
	// MAPE 0.1000, sMAPE 0.0956, WAPE 0.0700, bias 0.75
	// MASE 0.583
}

func ExampleErrors() {
	var monday, tuesday eval.Errors
	monday.Add(10, 12)
	tuesday.Add(20, 20)
	monday.Merge(&tuesday)
	fmt.Println(monday.MAE(), monday.Total())
	// Output:
	// 1 2
}

func ExampleNaiveScale() {
	sales := []float64{5, 9, 6, 10, 7, 11}
	fmt.Println(eval.NaiveScale(sales, 1), eval.NaiveScale(sales, 2))
	// Output:
	// 3.6 1
}

func ExampleNewPinball() {
	p := eval.NewPinball(0.9) // how much to have in stock, to run out one day in ten
	for _, sold := range []float64{4, 6, 5, 9, 5} {
		p.Add(sold, 8)
	}
	fmt.Printf("loss %.2f, enough on %.0f %% of the days\n", p.Loss(), 100*p.Below())
	// Output:
	// loss 0.42, enough on 80 % of the days
}

func ExampleNewIntervals() {
	v := eval.NewIntervals(0.8)
	for _, sold := range []float64{4, 6, 5, 9, 5} {
		v.Add(sold, 4, 8)
	}
	fmt.Printf("coverage %.1f, width %.1f, score %.1f\n", v.Coverage(), v.Width(), v.Score())
	// Output:
	// coverage 0.8, width 4.0, score 6.0
}

func ExampleNewRolling() {
	r := eval.NewRolling(3)
	for i, sold := range []float64{100, 5, 6, 7} {
		r.Add(sold, float64(4+i))
	}
	fmt.Println(r.Len(), r.Errors().MAE())
	// Output:
	// 3 0
}

func ExampleScoreList() {
	s := eval.ScoreList(3, []string{"tea", "mug", "lamp", "spoon"}, []string{"mug", "spoon"})
	fmt.Printf("hit %.0f, precision %.3f, recall %.1f, AP %.2f, RR %.1f, NDCG %.4f\n", s.Hit, s.Precision, s.Recall, s.AveragePrecision, s.ReciprocalRank, s.NDCG)
	// Output:
	// hit 1, precision 0.333, recall 0.5, AP 0.25, RR 0.5, NDCG 0.3869
}

func ExampleLists() {
	var l eval.Lists
	l.Add(eval.ScoreList(2, []int{1, 2}, []int{1}))
	l.Add(eval.ScoreList(2, []int{1, 2}, []int{2}))
	l.Add(eval.ScoreList(2, []int{1, 2}, []int{3}))
	l.Add(eval.ScoreList(2, []int{1, 2}, nil))
	m := l.Mean()
	fmt.Printf("hit rate %.3f, MAP %.3f, MRR %.3f; %d had nothing to find\n", m.Hit, m.AveragePrecision, m.ReciprocalRank, l.Without())
	// Output:
	// hit rate 0.667, MAP 0.500, MRR 0.500; 1 had nothing to find
}

func ExampleNDCG() {
	gains := []float64{3, 0, 2, 1} // how much each item was liked
	fmt.Printf("%.4f %.4f\n", eval.NDCG(0, gains, []float64{9, 8, 7, 6}), eval.NDCG(2, gains, []float64{1, 2, 3, 4}))
	// Output:
	// 0.9305 0.5307
}

func ExampleCatalogueCoverage() {
	fmt.Println(eval.CatalogueCoverage([][]string{{"tea", "mug"}, {"tea", "lamp"}}, 10))
	// Output:
	// 0.3
}

func ExampleDiversity() {
	kind := map[string]string{"tea": "food", "coffee": "food", "lamp": "house"}
	fmt.Printf("%.3f\n", eval.Diversity([]string{"tea", "coffee", "lamp"}, func(a, b string) float64 {
		if kind[a] == kind[b] {
			return 0
		}
		return 1
	}))
	// Output:
	// 0.667
}
