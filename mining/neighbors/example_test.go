package neighbors_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/neighbors"
)

func ExampleClassifier() {
	m := neighbors.NewClassifier(2, 2, 3, 100)
	for i := range 50 {
		a, b := float64(i%5), float64(i%7)
		m.Learn(mining.Dense(a, b), 0)
		m.Learn(mining.Dense(a+10, b), 1)
	}
	fmt.Println(m.Probabilities(mining.Dense(12, 3), nil))
	// Output: [0 1]
}

func ExampleRegressor() {
	m := neighbors.NewRegressor(1, 2, 100, neighbors.Nearer())
	m.Learn(mining.Dense(1), 10)
	m.Learn(mining.Dense(2), 20)
	m.Learn(mining.Dense(9), 90)
	fmt.Println(m.Predict(mining.Dense(1.25)), m.Predict(mining.Dense(9)))
	// Output: 12.5 90
}
