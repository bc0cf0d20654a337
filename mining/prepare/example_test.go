package prepare_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/prepare"
)

// show has a step learn vectors, and prints what it makes of the last.
func show(s prepare.Step, vectors ...mining.Vector) {
	var to mining.Vector
	for _, x := range vectors {
		s.Learn(x, 0)
		s.Transform(x, &to)
	}
	fmt.Printf("%.2f\n", to.Expand(make([]float64, s.Places())))
}

func ExampleStandard() {
	show(prepare.NewStandard(2), mining.Dense(1, 100), mining.Dense(2, 200), mining.Dense(3, 600))
	// Output: [1.22 1.39]
}

func ExampleMinMax() {
	show(prepare.NewMinMax(2), mining.Dense(1, 100), mining.Dense(3, 600), mining.Dense(2, 200))
	// Output: [0.50 0.20]
}

func ExampleRobust() {
	show(prepare.NewRobust(1, 100), mining.Dense(1), mining.Dense(2), mining.Dense(1e9), mining.Dense(3), mining.Dense(4))
	// Output: [0.50]
}

func ExampleImpute() {
	show(prepare.NewImpute(2, prepare.Mean(), true), mining.Dense(1, 10), mining.Dense(3, 20), mining.Dense(mining.Missing, 30))
	// Output: [2.00 30.00 1.00 0.00]
}

func ExampleOneHot() {
	norway, chad := prepare.Category("Norway"), prepare.Category("Chad")
	s := prepare.NewOneHot(2, 1, 3) // an amount, and a country: 3 have a place, and all others one
	show(s, mining.Dense(9, norway), mining.Dense(7, chad))
	show(s, mining.Dense(5, mining.Missing))
	// Output:
	// [7.00 0.00 0.00 1.00 0.00 0.00]
	// [5.00 0.00 0.00 0.00 0.00 1.00]
}

func ExampleTarget() {
	s := prepare.NewTarget(1, 0, 100, 2)
	norway, chad := mining.Dense(prepare.Category("Norway")), mining.Dense(prepare.Category("Chad"))
	for _, returned := range []float64{1, 1, 0, 1} {
		s.Learn(norway, returned)
	}
	s.Learn(chad, 0)
	var to mining.Vector
	s.Transform(norway, &to)
	fmt.Printf("%.2f\n", to.At(0)) // (3 + 2·0.6) / (4 + 2)
	s.Transform(mining.Dense(prepare.Category("Peru")), &to)
	fmt.Printf("%.2f\n", to.At(0)) // the mean of all
	// Output:
	// 0.70
	// 0.60
}

func ExampleFrequency() {
	show(prepare.NewFrequency(1, 0, 100), mining.Dense(7), mining.Dense(8), mining.Dense(7), mining.Dense(7))
	// Output: [0.75]
}

func ExamplePolynomial() {
	show(prepare.NewPolynomial(2, 2, false), mining.Dense(3, 5))
	show(prepare.NewPolynomial(3, 3, true), mining.Dense(2, 3, 5))
	// Output:
	// [3.00 5.00 9.00 15.00 25.00]
	// [2.00 3.00 5.00 6.00 10.00 15.00 30.00]
}

func ExampleHashing() {
	words := prepare.Hashing{From: 1, Size: 1 << 16}
	var x mining.Vector
	x.Append(9.99)
	words.Words(&x, "Great! Really, really great.")
	fmt.Println(x.Sparse())
	words.Pair(&x, "country", "Norway", 1)
	fmt.Println(len(x.Value), words.Places())
	// Output:
	// [2 2]
	// 4 65537
}

func ExampleClassifier() {
	scale := prepare.NewStandard(2)
	products := prepare.NewPolynomial(scale.Places(), 2, false)
	model := prepare.NewClassifier(linear.NewLogistic(products.Places(), linear.Rate(0.1)), scale, products)
	for i := range 4000 { // 1 in a ring around the mean
		x := mining.Dense(1000+float64(i%41-20), float64(i%37-18))
		y := 0.0
		if d := (x.Value[0]-1000)*(x.Value[0]-1000) + x.Value[1]*x.Value[1]; d > 200 {
			y = 1
		}
		model.Learn(x, y)
	}
	p := model.Probabilities(mining.Dense(1000, 1), nil)
	q := model.Probabilities(mining.Dense(985, 15), nil)
	fmt.Println(p[1] < 0.5, q[1] > 0.5)
	// Output: true true
}

func ExampleRegressor() {
	model := prepare.NewRegressor(linear.NewRegression(2), prepare.NewImpute(2, prepare.Mean(), false), prepare.NewStandard(2))
	t := new(mining.Table)
	for i := range 100 {
		a, b := float64(i%10), float64(i%7)
		t.Add(mining.Dense(a, b), 10*a+b)
	}
	if err := model.Fit(t); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.2f\n", model.Predict(mining.Dense(4, 2)))
	fmt.Printf("%.2f\n", model.Predict(mining.Dense(mining.Missing, 2))) // as of the mean, 4.5
	// Output:
	// 42.00
	// 47.00
}
