package calibrate_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/calibrate"
)

func ExamplePlatt() {
	p := calibrate.NewPlatt()
	scores := []float64{-3, -2, -1, 0, 1, 2, 3, -1, 1}
	labels := []float64{0, 0, 0, 1, 1, 1, 1, 1, 0}
	if err := p.Fit(scores, labels, nil); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.2f %.2f\n", p.Probability(-3), p.Probability(3))
	// Output: 0.21 0.86
}

func ExampleIsotonic() {
	f := calibrate.NewIsotonic()
	if err := f.Fit([]float64{0.1, 0.4, 0.5, 0.9}, []float64{0, 1, 0, 1}, nil); err != nil {
		fmt.Println(err)
	}
	fmt.Println(f.Value(0), f.Value(0.45), f.Value(0.7), f.Value(1))
	// Output: 0 0.5 0.75 1
}

func ExampleClassifier() {
	m := calibrate.NewClassifier(bayes.NewGaussian(2, 2), calibrate.Sigmoid, calibrate.Holdout(0.5))
	t := new(mining.Table)
	for i := range 400 {
		v := float64(i * 7919 % 100)
		y := 0.0
		if v+float64(i*31%60) > 80 {
			y = 1
		}
		t.Add(mining.Dense(v, v), y) // the same twice, which naive Bayes believes twice
	}
	if err := m.Fit(t); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.1f\n", m.Probabilities(mining.Dense(70, 70), nil)[1])
	// Output: 0.8
}
