package eval_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

func ExampleConfuse() {
	labels := []float64{1, 1, 1, 0, 0, 0, 0, 0}
	predicted := []float64{1, 1, 0, 0, 0, 0, 0, 1}
	c := eval.Confuse(2, labels, predicted, nil)
	fmt.Printf("accuracy %.3f, precision %.3f, recall %.3f, F1 %.3f\n", c.Accuracy(), c.PrecisionOf(1), c.RecallOf(1), c.FOf(1, 1))
	fmt.Printf("balanced %.3f, MCC %.3f, kappa %.3f, kappa M %.3f\n", c.BalancedAccuracy(), c.MCC(), c.Kappa(), c.KappaM())
	// Output:
	// accuracy 0.750, precision 0.667, recall 0.667, F1 0.667
	// balanced 0.733, MCC 0.467, kappa 0.467, kappa M 0.333
}

func ExampleNewConfusion() {
	c := eval.NewConfusion(3)
	c.Add(0, 0)
	c.Add(1, 2)
	c.Add(2, 2)
	c.AddWeighted(2, 1, 0.5)
	fmt.Println(c.Count(1, 2), c.Total())
	fmt.Printf("%.3f %.3f %.3f\n", c.F(eval.Macro, 1), c.F(eval.Weighted, 1), c.F(eval.Micro, 1))
	// Output:
	// 1 3.5
	// 0.524 0.531 0.571
}

func ExampleKappaTemporal() {
	labels := []float64{0, 0, 0, 1, 1, 1, 0, 0}
	predicted := []float64{0, 0, 0, 0, 1, 1, 1, 0} // the label before
	fmt.Println(eval.KappaTemporal(labels, predicted))
	// Output:
	// 0
}

func ExampleNewLosses() {
	l := eval.NewLosses(3)
	l.Add(0, []float64{0.7, 0.2, 0.1})
	l.Add(2, []float64{0.1, 0.1, 0.8})
	fmt.Printf("%.4f %.4f\n", l.LogLoss(), l.Brier())
	// Output:
	// 0.2899 0.1000
}

func ExampleLose() {
	l := eval.Lose(2, []float64{1, 0}, [][]float64{{0.1, 0.9}, {0.8, 0.2}}, nil)
	fmt.Printf("%.4f %.4f\n", l.LogLoss(), l.Brier())
	// Output:
	// 0.1643 0.0250
}

func ExampleRank() {
	labels := []float64{1, 0, 1, 1, 0, 0}
	scores := []float64{0.9, 0.8, 0.7, 0.4, 0.4, 0.1}
	r := eval.Rank(labels, scores, nil)
	fmt.Printf("AUC %.4f, average precision %.4f\n", r.AUC(), r.AveragePrecision())
	for _, p := range r.ROC() {
		fmt.Printf("%4.1f: %.2f %.2f\n", p.Threshold, p.FalsePositiveRate, p.TruePositiveRate)
	}
	for _, p := range r.PrecisionRecall()[:3] {
		fmt.Printf("precision %.2f at recall %.2f\n", p.Precision, p.Recall)
	}
	// Output:
	// AUC 0.7222, average precision 0.7556
	// +Inf: 0.00 0.00
	//  0.9: 0.00 0.33
	//  0.8: 0.33 0.33
	//  0.7: 0.33 0.67
	//  0.4: 0.67 1.00
	//  0.1: 1.00 1.00
	// precision 1.00 at recall 0.00
	// precision 1.00 at recall 0.33
	// precision 0.50 at recall 0.33
}

func ExampleRanked_Gains() {
	r := new(eval.Ranked)
	for i := range 100 {
		buys := 0.0
		if i < 10 || i%10 == 0 {
			buys = 1
		}
		r.Add(buys, float64(100-i))
	}
	for _, g := range r.Gains(5) {
		fmt.Printf("the best %3.0f %% have %3.0f %% of the buyers, lift %.2f\n", 100*g.Share, 100*g.Gain, g.Total)
	}
	// Output:
	// the best  20 % have  58 % of the buyers, lift 2.89
	// the best  40 % have  68 % of the buyers, lift 1.71
	// the best  60 % have  79 % of the buyers, lift 1.32
	// the best  80 % have  89 % of the buyers, lift 1.12
	// the best 100 % have 100 % of the buyers, lift 1.00
}

func ExampleNewBinned() {
	b := eval.NewBinned(10)
	for i := range 1000 {
		p := float64(i) / 1000
		b.Add(float64(i%3/2), p)
	}
	area, bound := b.AUC()
	fmt.Printf("AUC %.3f, to within %.3f\n", area, bound)
	// Output:
	// AUC 0.501, to within 0.050
}

func ExampleCalibrate() {
	labels := []float64{0, 0, 1, 1, 0, 1}
	probabilities := []float64{0.1, 0.2, 0.2, 0.8, 0.9, 0.9}
	c := eval.Calibrate(2, labels, probabilities, nil)
	for _, p := range c.Curve() {
		fmt.Printf("said %.3f, was %.3f\n", p.Predicted, p.Observed)
	}
	fmt.Printf("error %.3f, worst %.3f\n", c.Error(), c.Worst())
	// Output:
	// said 0.167, was 0.333
	// said 0.867, was 0.667
	// error 0.183, worst 0.200
}

func ExampleNewCalibration() {
	c := eval.NewCalibration(10)
	c.Add(1, 0.95)
	c.Add(0, 0.95)
	fmt.Printf("%.2f\n", c.Error())
	// Output:
	// 0.45
}

func ExampleARI() {
	fmt.Printf("%.4f %.4f\n", eval.ARI([]int{1, 1, 2, 2}, []int{7, 7, 3, 3}), eval.ARI([]int{1, 1, 2, 2}, []int{1, 2, 2, 2}))
	// Output:
	// 1.0000 0.0000
}

func ExampleNMI() {
	fmt.Printf("%.4f\n", eval.NMI([]int{1, 1, 2, 2}, []int{1, 2, 2, 2}))
	// Output:
	// 0.3437
}

func ExampleInertia() {
	x := []mining.Vector{mining.Dense(0, 0), mining.Dense(0, 2), mining.Dense(10, 0)}
	fmt.Println(eval.Inertia(x, []int{0, 0, 1}, [][]float64{{0, 1}, {10, 0}}))
	// Output:
	// 2
}

func ExampleSilhouette() {
	x := []mining.Vector{mining.Dense(0), mining.Dense(1), mining.Dense(10), mining.Dense(11)}
	fmt.Printf("%.3f %.3f\n", eval.Silhouette(x, []int{0, 0, 1, 1}), eval.Silhouette(x, []int{0, 1, 0, 1}))
	// Output:
	// 0.900 -0.450
}
