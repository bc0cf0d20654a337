package eval_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

func ExampleKFold() {
	for _, s := range eval.KFold(5, 2) {
		fmt.Println(s.Train, s.Test)
	}
	// Output:
	// [3 4] [0 1 2]
	// [0 1 2] [3 4]
}

func ExampleShuffled() {
	for _, s := range eval.Shuffled(6, 3, 1) {
		fmt.Println(s.Test)
	}
	// Output:
	// [1 5]
	// [2 4]
	// [0 3]
}

func ExampleStratified() {
	for _, s := range eval.Stratified([]float64{0, 0, 0, 0, 1, 1}, 2) {
		fmt.Println(s.Test)
	}
	// Output:
	// [0 1 4]
	// [2 3 5]
}

func ExampleStratifiedShuffled() {
	for _, s := range eval.StratifiedShuffled([]float64{0, 0, 0, 0, 1, 1}, 2, 1) {
		fmt.Println(s.Test)
	}
	// Output:
	// [0 2 5]
	// [1 3 4]
}

func ExampleGrouped() {
	for _, s := range eval.Grouped([]string{"ann", "bob", "ann", "cid", "ann", "bob"}, 2) {
		fmt.Println(s.Test)
	}
	// Output:
	// [0 2 4]
	// [1 3 5]
}

func ExampleTimeOrdered() {
	for _, s := range eval.TimeOrdered(10, 3, 2, 1, 4) {
		fmt.Println(s.Train, s.Test)
	}
	// Output:
	// [0 1 2] [4 5]
	// [1 2 3 4] [6 7]
	// [3 4 5 6] [8 9]
}

// fit learns a table by one pass of a small learner.
func fit(train *mining.Table) (*logistic, error) {
	m := newLogistic(3)
	mining.Learn(m, train, 1, 1)
	return m, nil
}

func auc(m *logistic, t *mining.Table) float64 {
	r := new(eval.Ranked)
	for i, x := range t.X {
		r.Add(t.Y[i], m.p(x))
	}
	return r.AUC()
}

func ExampleCrossValidate() {
	t := returns(1000, 1)
	folds, err := eval.CrossValidate(t, eval.Stratified(t.Y, 5), fit, auc)
	s := eval.SpreadOf(eval.Tests(folds))
	fmt.Printf("AUC %.3f ± %.3f %v\n", s.Mean, s.StdDev, err)
	// Output:
	// AUC 0.805 ± 0.038 <nil>
}

func ExampleCrossPredict() {
	t := returns(1000, 1)
	chances, err := eval.CrossPredict(t, eval.Stratified(t.Y, 5), fit, func(m *logistic, x mining.Vector) float64 { return m.p(x) })
	fmt.Printf("AUC %.3f, log loss %.3f %v\n", eval.Rank(t.Y, chances, nil).AUC(), eval.LoseChances(t.Y, chances, nil).LogLoss(), err)
	// Output:
	// AUC 0.804, log loss 0.530 <nil>
}

func ExampleTests() {
	fmt.Println(eval.Tests([]eval.Fold{{Train: 0.9, Test: 0.8}, {Train: 0.9, Test: 0.7}}))
	// Output:
	// [0.8 0.7]
}

func ExampleSpreadOf() {
	fmt.Printf("%.2f\n", eval.SpreadOf([]float64{1, 2, 3}))
	// Output:
	// {2.00 1.00}
}

func ExampleLearningCurve() {
	t := returns(1000, 1)
	curve, err := eval.LearningCurve(t, eval.KFold(1000, 5), []int{30, 100, 800}, 1, fit, auc)
	for _, p := range curve {
		fmt.Printf("%3d events: train %.3f, test %.3f\n", p.At, p.Train.Mean, p.Test.Mean)
	}
	fmt.Println(err)
	// Output:
	// 30 events: train 0.840, test 0.809
	// 100 events: train 0.882, test 0.836
	// 800 events: train 0.835, test 0.834
	// <nil>
}

func ExampleValidationCurve() {
	t := returns(1000, 1)
	curve, err := eval.ValidationCurve(t, eval.KFold(1000, 5), []float64{0.001, 0.1, 10}, func(rate float64, train *mining.Table) (*logistic, error) {
		m := newLogistic(3)
		m.rate = rate
		mining.Learn(m, train, 1, 1)
		return m, nil
	}, auc)
	for _, p := range curve {
		fmt.Printf("rate %5.3f: test %.3f\n", p.At, p.Test.Mean)
	}
	fmt.Println(err)
	// Output:
	// rate 0.001: test 0.842
	// rate 0.100: test 0.815
	// rate 10.000: test 0.774
	// <nil>
}

func ExamplePermutationImportance() {
	m, _ := fit(returns(1000, 1))
	all := eval.PermutationImportance(returns(1000, 2), 10, 1, func(t *mining.Table) float64 { return auc(m, t) })
	fmt.Print(eval.ImportanceReport(all))
	// Output:
	// permutation importance
	//          worse by  standard error
	// price      0.3285          0.0037
	// size       0.0271          0.0013
	// weather   -0.0016          0.0004
	// Without price the score falls most.
}

func ExampleImportanceReport() {
	fmt.Print(eval.ImportanceReport([]eval.Importance{{Feature: 3, Name: "price", Mean: 0.2, StdErr: 0.01}}))
	// Output:
	// permutation importance
	//        worse by  standard error
	// price    0.2000          0.0100
	// Without price the score falls most.
}

func ExampleMcNemar() {
	var labels, a, b []float64
	for i := range 100 {
		labels = append(labels, 1)
		a, b = append(a, min(1, float64(i%10))), append(b, min(1, float64(i%4))) // right on 90 and on 75
	}
	v := eval.McNemar(labels, a, b)
	fmt.Println(v.Say("trees", "logistic", true))
	// Output:
	// trees is better than logistic, and it is not by chance (McNemar's test, p = 0.00408).
}

func ExampleNadeauBengio() {
	a := []float64{0.81, 0.83, 0.79, 0.84, 0.80} // AUC on five folds
	b := []float64{0.80, 0.81, 0.79, 0.82, 0.79}
	v := eval.NadeauBengio(a, b, 1./4)
	fmt.Printf("%.4f, from %.4f to %.4f\n", v.Difference, v.Lower, v.Upper)
	fmt.Println(v.Say("trees", "logistic", true))
	// Output:
	// 0.0120, from -0.0036 to 0.0276
	// trees and logistic do not differ by more than chance does (corrected resampled t test, p = 0.0993).
}

func ExampleFiveByTwo() {
	a := [5][2]float64{{0.81, 0.83}, {0.79, 0.84}, {0.80, 0.82}, {0.83, 0.81}, {0.80, 0.81}}
	b := [5][2]float64{{0.71, 0.74}, {0.70, 0.73}, {0.71, 0.72}, {0.73, 0.72}, {0.69, 0.71}}
	fmt.Println(eval.FiveByTwo(a, b).Say("trees", "logistic", true))
	// Output:
	// trees is better than logistic, and it is not by chance (combined 5x2cv F test, p = 2.53e-05).
}

func ExampleDieboldMariano() {
	theta := []float64{1, 2, 1, 3, 2, 1, 2, 2} // absolute errors, a month each
	naive := []float64{3, 4, 2, 6, 3, 2, 5, 4}
	fmt.Println(eval.DieboldMariano(theta, naive, 1).Say("theta", "naive", false))
	// Output:
	// theta is better than naive, and it is not by chance (Diebold-Mariano test, p = 0.000383).
}

func ExamplePermutation() {
	a := []float64{5, 7, 6, 8, 7, 6}
	b := []float64{5, 6, 6, 9, 7, 5}
	fmt.Println(eval.Permutation(a, b, 1000, 1).Say("a", "b", true))
	// Output:
	// a and b do not differ by more than chance does (paired permutation test, p = 1).
}
