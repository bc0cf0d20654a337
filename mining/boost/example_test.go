package boost_test

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
)

// orders says that who orders often and lately orders again.
func orders() *mining.Table {
	t := &mining.Table{Names: []string{"days since the last order", "orders"}}
	for i := range 400 {
		days, orders := float64(i%20*10), float64(i/20)
		again := 0.0
		if orders > days/20 {
			again = 1
		}
		t.Add(mining.Dense(days, orders), again)
	}
	return t
}

func ExampleClassifier() {
	table := orders()
	model := boost.NewClassifier(2, 2, boost.Rounds(50), boost.Rate(0.2))
	if err := model.Fit(table); err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []mining.Vector{mining.Dense(10, 15), mining.Dense(180, 2), mining.Dense(10, mining.Missing)} {
		p := model.Probabilities(x, nil)
		because, mean := model.Explain(x, 1, nil)
		fmt.Printf("again with %.2f: log odds %.1f, and %+.1f by days, %+.1f by orders\n", p[1], mean, because[0], because[1])
	}
	// Output:
	// again with 1.00: log odds 5.2, and +2.4 by days, +4.0 by orders
	// again with 0.00: log odds 5.2, and -5.3 by days, -9.5 by orders
	// again with 1.00: log odds 5.2, and +2.4 by days, +4.0 by orders
}

func ExampleRegressor() {
	table := new(mining.Table)
	for hour := range 24 * 20 {
		h := float64(hour % 24)
		table.Add(mining.Dense(h), math.Round(50+40*math.Sin(h/24*2*math.Pi)))
	}
	model := boost.NewRegressor(1, boost.By(boost.Poisson), boost.MinSamples(5))
	if err := model.Fit(table); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("orders at 6: %.0f, at 18: %.0f\n", model.Predict(mining.Dense(6)), model.Predict(mining.Dense(18)))
	// Output: orders at 6: 90, at 18: 10
}
