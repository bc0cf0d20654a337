package linear_test

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/linear"
)

// visits are of customers: how many pages they saw, how many minutes they stayed, and whether they bought.
func visits() *mining.Table {
	t := &mining.Table{Names: []string{"pages", "minutes"}}
	for i := range 40 {
		pages, minutes := float64(i%8), float64(i%5)
		bought := 0.0
		if pages+minutes+float64(i%3) > 6 {
			bought = 1
		}
		t.Add(mining.Dense(pages, minutes), bought)
	}
	return t
}

func ExampleLogistic() {
	t := visits()
	m := linear.NewLogistic(2, linear.Rate(0.1))
	fmt.Println(m.Probability(t.X[0])) // before it knows anything
	mining.Learn(m, t, 50, 1)          // fifty times each event, shuffled
	fmt.Println(m.Probability(mining.Dense(7, 4)) > 0.5, m.Probability(mining.Dense(0, 1)) > 0.5)
	// Output:
	// 0.5
	// true false
}

func ExampleLogistic_Fit() {
	m := linear.NewLogistic(2)
	if err := m.Fit(visits()); err != nil {
		fmt.Println(err)
		return
	}
	x := mining.Dense(5, 3)
	fmt.Printf("score %.2f", m.Score(x))
	for p, c := range m.Contributions(x, nil) {
		fmt.Printf(", %s adds %.2f", visits().Names[p], c)
	}
	fmt.Printf(", all others %.2f\n", m.Intercept())

	free := linear.NewLogistic(1, linear.C(math.Inf(1)))
	t := new(mining.Table)
	t.Add(mining.Dense(1), 0)
	t.Add(mining.Dense(2), 1)
	fmt.Println(errors.Is(free.Fit(t), linear.ErrSeparable))
	// Output:
	// score 2.46, pages adds 6.92, minutes adds 3.72, all others -8.17
	// true
}

func ExampleSoftmax() {
	m := linear.NewSoftmax(1, 3, linear.C(100))
	t := new(mining.Table)
	for i := range 30 {
		t.Add(mining.Dense(float64(i)), float64(i/10))
	}
	if err := m.Fit(t); err != nil {
		fmt.Println(err)
	}
	for _, v := range []float64{2, 15, 28} {
		fmt.Println(mining.Class(m.Probabilities(mining.Dense(v), nil)))
	}
	// Output:
	// 0
	// 1
	// 2
}

func ExampleRegression() {
	t := new(mining.Table)
	for i := range 10 {
		a, b := float64(i), float64(i*i%7)
		t.Add(mining.Dense(a, b), 2*a-b+5)
	}
	m := linear.NewRegression(2)
	if err := m.Fit(t); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.3f %.3f\n", m.Weights(), m.Intercept())
	fmt.Printf("%.3f\n", m.Predict(mining.Dense(10, 1)))
	// Output:
	// [2.000 -1.000] 5.000
	// 24.000
}

// A quantile is what to promise: nine of ten deliveries take no longer.
func ExampleQuantile() {
	m := linear.NewRegression(1, linear.Quantile(0.9), linear.Rate(0.001), linear.InterceptRate(0.05))
	for i := range 20_000 {
		minutes := 30 + float64(i*7919%21) // 30 to 50
		m.Learn(mining.Dense(0), minutes)
	}
	fmt.Printf("%.0f\n", m.Predict(mining.Dense(0)))
	// Output: 48
}

func ExampleSVM() {
	m := linear.NewSVM(2, linear.L2(0.001))
	mining.Learn(m, visits(), 20, 1)
	fmt.Println(m.Score(mining.Dense(7, 4)) > 0, m.Score(mining.Dense(0, 1)) > 0)
	// Output: true false
}

func ExamplePassiveAggressive() {
	m := linear.NewPassiveAggressive(2, linear.C(0.1))
	mining.Learn(m, visits(), 5, 1)
	fmt.Println(m.Score(mining.Dense(7, 4)) > 0, m.Score(mining.Dense(0, 1)) > 0)
	// Output: true false
}

func ExamplePassiveAggressiveNumbers() {
	m := linear.NewPassiveAggressiveNumbers(1, linear.Epsilon(0.01))
	for i := range 1000 {
		v := float64(i % 10)
		m.Learn(mining.Dense(v), 3*v+1)
	}
	fmt.Printf("%.1f\n", m.Predict(mining.Dense(4)))
	// Output: 13.0
}

// Words that tell nothing have a weight of exactly 0.
func ExampleFTRL() {
	m := linear.NewFTRL(1000, linear.L1(2))
	var x mining.Vector
	for i := range 400 {
		x.Reset()
		x.Put(i%2, 1)     // word 0 or 1: the class
		x.Put(500+i%7, 1) // and one of no use
		m.Learn(x, float64(i%2))
	}
	used := 0
	for _, w := range m.Weights() {
		if w != 0 {
			used++
		}
	}
	fmt.Println(used)
	// Output: 2
}
