package drift_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/freshet-go/freshet/mining/drift"
)

// BenchmarkAdd has the time of a value, and as its floor the loop that adds the values up.
func BenchmarkAdd(b *testing.B) {
	r, errors := rand.New(rand.NewPCG(1, 1)), make([]float64, 1<<16)
	for i := range errors {
		errors[i] = drift.Bit(r.Float64() < 0.2)
	}
	b.Run("floor=sum", func(b *testing.B) {
		start := processor(b)
		defer func() { b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op") }()
		i, sum := 0, 0.0
		for b.Loop() {
			sum += errors[i&(1<<16-1)]
			i++
		}
		if sum < 0 {
			b.Fatal(sum)
		}
	})
	for _, d := range []drift.Detector{drift.NewADWIN(), drift.NewPageHinkley(), drift.NewDDM(), drift.NewEDDM(), drift.NewHDDMA(), drift.NewHDDMW(), drift.NewKSWIN(),
		drift.NewStability(errors, 10)} {
		b.Run(fmt.Sprintf("%T", d), func(b *testing.B) {
			start := processor(b)
			defer func() { b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op") }()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				d.Add(errors[i&(1<<16-1)])
				i++
			}
		})
	}
}
