package tree_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/tree"
)

// An order of clothes goes back if it has several sizes of one thing, or is from a country where it is the custom.
type order struct {
	amount  float64
	sizes   int
	country int
}

func (o order) features(x *mining.Vector) {
	x.Reset()
	x.Append(o.amount, float64(o.sizes), float64(o.country))
}

func ExampleHoeffding() {
	random := rand.New(rand.NewPCG(1, 0))
	model := tree.NewHoeffding(3, 2, tree.Nominal(2), tree.Grace(100))
	var x mining.Vector
	for range 5000 {
		o := order{random.ExpFloat64() * 50, 1 + random.IntN(3), random.IntN(4)}
		o.features(&x)
		returned := 0.0
		if o.country == 3 || o.sizes > 1 && random.IntN(10) > 0 {
			returned = 1
		}
		model.Learn(x, returned)
	}
	for _, o := range []order{{40, 1, 0}, {40, 3, 0}, {40, 1, 3}} {
		o.features(&x)
		fmt.Printf("%+v returns with %.2f\n", o, model.Probabilities(x, nil)[1])
	}
	fmt.Printf("importance: %.2f\n", model.Importance(nil))
	// Output:
	// {amount:40 sizes:1 country:0} returns with 0.00
	// {amount:40 sizes:3 country:0} returns with 0.91
	// {amount:40 sizes:1 country:3} returns with 1.00
	// importance: [0.00 0.38 0.62]
}

func ExampleForest() {
	random := rand.New(rand.NewPCG(2, 0))
	model := tree.NewForest(2, 2, tree.Trees(5))
	right := 0
	for i := range 6000 {
		x := mining.Dense(random.Float64(), random.Float64())
		y := 0.0
		if before := i < 3000; before == (x.Value[0] > 0.5) { // from event 3,000 on it is the other way round
			y = 1
		}
		if i >= 4000 && float64(mining.Class(model.Probabilities(x, nil))) == y {
			right++
		}
		model.Learn(x, y)
	}
	fmt.Printf("%d of the last 2000 right, after %d trees were replaced\n", right, model.Drifts())
	// Output: 1995 of the last 2000 right, after 10 trees were replaced
}

func ExampleRegressor() {
	random := rand.New(rand.NewPCG(3, 0))
	model := tree.NewRegressor(2, tree.Nominal(1))
	for range 5000 {
		distance, courier := random.Float64()*100, float64(random.IntN(3))
		minutes := 20 + distance
		if courier == 2 {
			minutes = 40 + 2*distance
		}
		model.Learn(mining.Dense(distance, courier), minutes+random.NormFloat64())
	}
	fmt.Printf("50 km by courier 0: %.0f minutes, and by courier 2: %.0f\n", model.Predict(mining.Dense(50, 0)), model.Predict(mining.Dense(50, 2)))
	// Output: 50 km by courier 0: 70 minutes, and by courier 2: 140
}
