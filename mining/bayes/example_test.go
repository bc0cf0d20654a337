package bayes_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/prepare"
)

func ExampleGaussian() {
	m := bayes.NewGaussian(2, 2)
	for i := range 20 {
		v := float64(i % 5)
		m.Learn(mining.Dense(v, 10-v), 0)
		m.Learn(mining.Dense(v+6, v), 1)
	}
	fmt.Println(mining.Class(m.Probabilities(mining.Dense(1, 9), nil)), mining.Class(m.Probabilities(mining.Dense(9, mining.Missing), nil)))
	fmt.Println(m.Mean(1, 0))
	// Output:
	// 0 1
	// 8
}

// Is it spam? Words are hashed, so that there is no list of them to keep.
func ExampleMultinomial() {
	words := prepare.Hashing{Size: 1 << 14}
	m := bayes.NewMultinomial(words.Places(), 2)
	var x mining.Vector
	learn := func(text string, spam float64) {
		x.Reset()
		words.Words(&x, text)
		m.Learn(x, spam)
	}
	learn("Win a FREE phone now", 1)
	learn("You win! Claim your free prize", 1)
	learn("Are you free for lunch?", 0)
	learn("I left my phone at home, call me at lunch", 0)
	x.Reset()
	words.Words(&x, "claim a free phone")
	fmt.Printf("%.2f\n", m.Probabilities(x, nil)[1])
	// Output: 0.86
}

func ExampleBernoulli() {
	m := bayes.NewBernoulli(3, 2)
	m.Learn(mining.Dense(1, 1, 0), 0)
	m.Learn(mining.Dense(1, 0, 0), 0)
	m.Learn(mining.Dense(0, 1, 1), 1)
	fmt.Printf("%.2f\n", m.Probabilities(mining.Dense(0, 1, 1), nil)[1])
	// Output: 0.83
}

func ExampleComplement() {
	m := bayes.NewComplement(3, 3)
	for range 50 {
		m.Learn(mining.Dense(2, 1, 0), 0) // many of one class
	}
	m.Learn(mining.Dense(0, 2, 1), 1)
	m.Learn(mining.Dense(0, 0, 3), 2)
	fmt.Println(mining.Class(m.Probabilities(mining.Dense(0, 0, 2), nil)))
	// Output: 2
}
