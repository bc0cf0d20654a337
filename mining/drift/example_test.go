package drift_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining/drift"
)

// A model is wrong in one of ten cases, and from the 2,000th on in three of ten.
func ExampleADWIN() {
	random := rand.New(rand.NewPCG(1, 0))
	detector := drift.NewADWIN()
	for i := range 4000 {
		rate := 0.1
		if i >= 2000 {
			rate = 0.3
		}
		if detector.Add(drift.Bit(random.Float64() < rate)) {
			fmt.Printf("at %d: %.2f errors of the last %d\n", i, detector.Mean(), detector.Width())
		}
	}
	// Output: at 2111: 0.14 errors of the last 1088
}

// The price of a product moves from 10 to 12.
func ExamplePageHinkley() {
	random := rand.New(rand.NewPCG(1, 0))
	detector := drift.NewPageHinkley(drift.Threshold(20), drift.Delta(0.5), drift.Side(drift.Up))
	for i := range 400 {
		price := 10 + random.NormFloat64()
		if i >= 200 {
			price += 2
		}
		if detector.Add(price) {
			fmt.Println("at", i)
		}
	}
	// Output: at 211
}

// A detector for each shop. The first detection is a false alarm: DDM has no bound on them.
func ExampleDDM() {
	random := rand.New(rand.NewPCG(1, 0))
	detectors := map[string]*drift.DDM{"Paris": drift.NewDDM(), "Rome": drift.NewDDM()}
	for i := range 2000 {
		for _, shop := range []string{"Paris", "Rome"} {
			rate := 0.1
			if shop == "Rome" && i >= 1000 {
				rate = 0.4
			}
			d := detectors[shop]
			if d.Add(drift.Bit(random.Float64() < rate)) {
				fmt.Println(shop, "changed at", i)
			}
		}
	}
	// Output:
	// Rome changed at 881
	// Rome changed at 1030
}

func ExampleEDDM() {
	random := rand.New(rand.NewPCG(1, 0))
	detector := drift.NewEDDM(drift.DetectAt(0.8))
	for i := range 4000 {
		rate := 0.05
		if i >= 2000 {
			rate = 0.4
		}
		if detector.Add(drift.Bit(random.Float64() < rate)) {
			fmt.Println("at", i)
			break
		}
	}
	// Output: at 2082
}

func ExampleHDDMA() {
	random := rand.New(rand.NewPCG(1, 0))
	a, w := drift.NewHDDMA(), drift.NewHDDMW()
	for i := range 4000 {
		rate := 0.1
		if i >= 2000 {
			rate = 0.3
		}
		x := drift.Bit(random.Float64() < rate)
		if a.Add(x) {
			fmt.Println("HDDMA at", i)
		}
		if w.Add(x) {
			fmt.Println("HDDMW at", i)
		}
	}
	// Output:
	// HDDMA at 2239
	// HDDMW at 2275
}

// The mean stays, the spread does not.
func ExampleKSWIN() {
	random := rand.New(rand.NewPCG(1, 0))
	detector := drift.NewKSWIN(drift.DetectAt(0.001))
	for i := range 1000 {
		x := random.NormFloat64()
		if i >= 500 {
			x *= 8
		}
		if detector.Add(x) {
			fmt.Println("at", i)
			break
		}
	}
	// Output: at 528
}

// Amounts are watched beside those that a model was fitted on.
func ExampleStability() {
	random := rand.New(rand.NewPCG(1, 0))
	var fitted []float64
	for range 5000 {
		fitted = append(fitted, random.ExpFloat64()*20)
	}
	detector := drift.NewStability(fitted, 10)
	for i := range 6000 {
		amount := random.ExpFloat64() * 20
		if i >= 3000 {
			amount *= 2
		}
		if detector.Add(amount) {
			fmt.Println("at", i)
			fmt.Println(detector)
			break
		}
	}
	// Output:
	// at 3799
	// population stability index 0.278 over 1000 values
}
