package behaviour_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining/behaviour"
)

func ExampleSessions() {
	minutes := []int{0, 5, 50, 52}
	at := func(m int) time.Time { return day.Add(time.Duration(m) * time.Minute) }
	fmt.Println(behaviour.Sessions(minutes, at, 30*time.Minute))
	// Output: [[0 5] [50 52]]
}

func ExampleKaplanMeier() {
	for _, p := range behaviour.KaplanMeier([]behaviour.Lifetime{{6, true}, {6, true}, {7, false}, {10, true}, {13, false}}, 0.95) {
		fmt.Printf("%v: %.2f (%.2f to %.2f)\n", p.Time, p.Survival, p.Low, p.High)
	}
	// Output:
	// 6: 0.60 (0.13 to 0.88)
	// 10: 0.30 (0.01 to 0.72)
}

func ExampleBGNBD() {
	m := behaviour.BGNBD{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426} // CDNOW's, of the paper, in weeks
	h := behaviour.History{Repeats: 2, Last: 30.43, Age: 38.86}
	fmt.Printf("%.3f orders in a year, alive %.3f\n", m.Orders(h, 39), m.Alive(h))
	// Output: 1.226 orders in a year, alive 0.727
}

func ExampleGammaGamma() {
	m := behaviour.GammaGamma{P: 6.25, Q: 3.74, V: 15.44} // CDNOW's
	fmt.Printf("%.2f %.2f\n", m.Value(behaviour.History{}), m.Value(behaviour.History{Repeats: 2, Last: 3, Age: 4, Value: 22}))
	// Output: 35.22 24.38
}

func ExampleFitCox() {
	life := []behaviour.Lifetime{{5, true}, {8, true}, {9, false}, {12, true}, {20, false}, {3, true}}
	m, err := behaviour.FitCox(life, [][]float64{{1}, {0}, {0}, {1}, {0}, {1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f times the rate, p %.2f\n", m.Risk([]float64{1})/m.Risk([]float64{0}), m.P()[0])
	// Output: 4.59 times the rate, p 0.20
}
