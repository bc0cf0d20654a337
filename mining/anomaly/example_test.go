package anomaly_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/anomaly"
)

// Orders of each product for itself: ten pens are usual, ten pianos are not.
func ExampleRobust() {
	orders := []struct {
		product  string
		quantity float64
	}{}
	random := rand.New(rand.NewPCG(1, 0))
	for range 200 {
		orders = append(orders, struct {
			product  string
			quantity float64
		}{"pen", float64(5 + random.IntN(10))}, struct {
			product  string
			quantity float64
		}{"piano", float64(1 + random.IntN(2))})
	}
	orders[301].quantity = 10

	usual := map[string]*anomaly.Robust{"pen": anomaly.NewRobust(), "piano": anomaly.NewRobust()}
	for _, o := range orders {
		if score := usual[o.product].Score(o.quantity); score > 5 {
			fmt.Printf("%v of %s: %.1f\n", o.quantity, o.product, score)
		}
		usual[o.product].Add(o.quantity)
	}
	// Output: 10 of piano: 17.3
}

func ExampleEWMA() {
	random := rand.New(rand.NewPCG(4, 0))
	chart := anomaly.NewEWMA(anomaly.Target(250), anomaly.Deviation(20)) // milliseconds
	for i := range 400 {
		latency := 250 + 20*random.NormFloat64()
		if i >= 200 {
			latency += 25
		}
		if chart.Add(latency); chart.Out() {
			fmt.Println("out of control at", i)
			break
		}
	}
	// Output: out of control at 205
}

func ExampleCUSUM() {
	random := rand.New(rand.NewPCG(1, 0))
	chart := anomaly.NewCUSUM() // learns what is usual from the first 100
	for i := range 400 {
		latency := 250 + 20*random.NormFloat64()
		if i >= 200 {
			latency += 25
		}
		if chart.Add(latency); chart.Out() {
			fmt.Println("out of control at", i)
			break
		}
	}
	// Output: out of control at 207
}

func ExampleGaussian() {
	random := rand.New(rand.NewPCG(1, 0))
	apart, together := anomaly.NewGaussian(2), anomaly.NewMahalanobis(2)
	for range 1000 { // height and weight
		height := 170 + 8*random.NormFloat64()
		x := mining.Dense(height, height-100+5*random.NormFloat64())
		apart.Learn(x)
		together.Learn(x)
	}
	x := mining.Dense(185, 60)
	fmt.Printf("each for itself %.1f, together %.1f\n", apart.Score(x), together.Score(x))
	// Output: each for itself 1.5, together 5.4
}

func ExampleHalfSpaceTrees() {
	random := rand.New(rand.NewPCG(1, 0))
	model := anomaly.NewHalfSpaceTrees([]anomaly.Range{{Low: 0, High: 500}, {Low: 0, High: 50}}, anomaly.Seed(1))
	unusual := anomaly.NewThreshold(0.999, anomaly.Window(2000), anomaly.Grace(500))
	for i := range 2000 {
		x := mining.Dense(100+20*random.NormFloat64(), 5+random.NormFloat64()) // amount, items
		if i == 1500 {
			x = mining.Dense(480, 45)
		}
		if score := model.Score(x); unusual.Add(score) && i == 1500 {
			fmt.Printf("%d: %v scores %.2f\n", i, x.Value, score)
		}
		model.Learn(x)
	}
	// Output: 1500: [480 45] scores 1.00
}

func ExampleIsolationForest() {
	random := rand.New(rand.NewPCG(1, 0))
	var table mining.Table
	for range 1000 {
		table.Add(mining.Dense(random.NormFloat64(), random.NormFloat64()), mining.Missing)
	}
	model := anomaly.NewIsolationForest(2)
	if err := model.Fit(&table); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.2f %.2f\n", model.Score(mining.Dense(0, 0)), model.Score(mining.Dense(5, 5)))
	// Output: 0.39 0.76
}

// The forecast may come from anywhere: here it is that of the same day a week ago.
func ExampleResidual() {
	random := rand.New(rand.NewPCG(1, 0))
	week := make([]float64, 7)
	model := anomaly.NewResidual()
	for day := range 365 {
		revenue := 1000 + 300*float64(day%7) + 50*random.NormFloat64()
		if day == 200 {
			revenue = 900
		}
		forecast := week[day%7]
		if score := model.Score(revenue, forecast); score > 6 {
			fmt.Printf("day %d: %.0f instead of %.0f\n", day, revenue, forecast)
		}
		if day >= 7 {
			model.Add(revenue, forecast)
		}
		week[day%7] = revenue
	}
	// Output:
	// day 200: 900 instead of 2227
	// day 207: 2310 instead of 900
}

func ExampleSmoothing() {
	random := rand.New(rand.NewPCG(1, 0))
	model := anomaly.NewSmoothing(anomaly.Season(7))
	for day := range 365 {
		revenue := 1000 + 300*float64(day%7) + 50*random.NormFloat64()
		if day == 200 {
			revenue = 900
		}
		if score := model.Score(revenue); score > 6 {
			fmt.Printf("day %d: %.0f instead of %.0f\n", day, revenue, model.Forecast())
		}
		model.Add(revenue)
	}
	// Output: day 200: 900 instead of 2160
}
