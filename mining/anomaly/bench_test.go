package anomaly

import (
	"math/rand/v2"
	"testing"

	"github.com/freshet-go/freshet/mining"
)

// BenchmarkEvent has the time of a score and what is learnt after it, of events of 6 features, and as its floor the
// loop that adds the features up.
func BenchmarkEvent(b *testing.B) {
	const n = 1 << 12
	r, events := rand.New(rand.NewPCG(1, 1)), make([]mining.Vector, n)
	for i := range events {
		for range 6 {
			events[i].Append(min(1, max(0, 0.5+0.15*r.NormFloat64())))
		}
	}
	b.Run("floor=sum", func(b *testing.B) {
		start := processor(b)
		defer func() { b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op") }()
		i, sum := 0, 0.0
		for b.Loop() {
			for _, v := range events[i&(n-1)].Value {
				sum += v
			}
			i++
		}
		if sum < 0 {
			b.Fatal(sum)
		}
	})
	for name, o := range map[string]mining.Outlier{"HalfSpaceTrees": NewHalfSpaceTrees(Unit(6)), "Gaussian": NewGaussian(6), "Mahalanobis": NewMahalanobis(6), "IsolationForest": NewIsolationForest(6)} {
		b.Run(name, func(b *testing.B) {
			start := processor(b)
			defer func() { b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op") }()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				o.Score(events[i&(n-1)])
				o.Learn(events[i&(n-1)])
				i++
			}
		})
	}
	for name, u := range map[string]Univariate{"EWMA": NewEWMA(), "CUSUM": NewCUSUM(), "Robust": NewRobust(), "Smoothing": NewSmoothing(Season(24))} {
		b.Run(name, func(b *testing.B) {
			start := processor(b)
			defer func() { b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op") }()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				u.Score(events[i&(n-1)].Value[0])
				u.Add(events[i&(n-1)].Value[0])
				i++
			}
		})
	}
}
