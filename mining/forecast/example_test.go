package forecast_test

import (
	"fmt"

	"github.com/freshet-go/freshet/mining/forecast"
)

// orders are of twelve quarters: more each year, and most in the fourth.
var orders = []float64{20, 24, 22, 40, 24, 29, 26, 48, 28, 34, 30, 56}

func ExampleETS() {
	m := forecast.NewETS(4)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	low, high := m.Interval(4, 0.8)
	for h, v := range m.Forecast(4) {
		fmt.Printf("%.0f, between %.0f and %.0f\n", v, low[h], high[h])
	}
	fmt.Println(m)
	// Output:
	// 31, between 29 and 34
	// 36, between 33 and 40
	// 32, between 27 and 36
	// 56, between 48 and 64
	// ETS(M,N,M)
}

func ExampleNewHoltWinters() {
	m := forecast.NewHoltWinters(4, forecast.Multiplicative)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", m.Forecast(4))
	// Output: [33 39 35 63]
}

func ExampleTheta() {
	m := forecast.NewTheta(4)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", m.Forecast(4))
	// Output: [32 38 33 60]
}

func ExampleNewSeasonalNaive() {
	m := forecast.NewSeasonalNaive(4)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Forecast(4))
	// Output: [28 34 30 56]
}

func ExampleDecompose() {
	d, err := forecast.Decompose(orders, 4, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", d.Indices)
	// Output: [0.82 0.94 0.81 1.43]
}

func ExampleAutocorrelations() {
	fmt.Printf("%.2f\n", forecast.Autocorrelations(orders, 4))
	// Output: [1.00 -0.11 0.17 -0.23 0.55]
}
