package stats_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window"
)

func numbers() []float64 {
	random := rand.New(rand.NewPCG(1, 2))
	vs := make([]float64, 1<<16)
	for i := range vs {
		vs[i] = random.NormFloat64()
	}
	return vs
}

// each measures what happens for each of many numbers.
func each(b *testing.B, name string, vs []float64, do func(i int, v float64)) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			do(i, vs[i&(1<<16-1)])
			i++
		}
	})
}

// BenchmarkAdd measures a number, beside the loop that knows the first two moments only.
func BenchmarkAdd(b *testing.B) {
	vs := numbers()
	var n, mean, m2 float64
	each(b, "floor: Welford by hand", vs, func(_ int, v float64) {
		n++
		d := v - mean
		mean += d / n
		m2 += d * (v - mean)
	})
	var s stats.Summary
	each(b, "Summary", vs, func(_ int, v float64) { s.Add(v) })
	var j stats.Joint
	each(b, "Joint", vs, func(_ int, v float64) { j.Add(v, -v) })
	f := stats.NewFaded(time.Second)
	each(b, "Faded", vs, func(i int, v float64) { f.Add(window.Time(i), v) })
	h := stats.NewHistogram(stats.Even(-4, 4, 100)...)
	each(b, "Histogram of 100", vs, func(_ int, v float64) { h.Add(v) })
	e := stats.NewFadedEntropy(16, 1000)
	each(b, "FadedEntropy of 16", vs, func(i int, v float64) { e.Add(i & 15) })
	agg := stats.Describe(self)
	acc := agg.New()
	each(b, "Describe", vs, func(_ int, v float64) { acc = agg.Add(acc, v) })
}

// BenchmarkRolling measures a number and what is said of the window then, beside a loop that adds up
// the window anew, and one that sorts it.
func BenchmarkRolling(b *testing.B) {
	vs := numbers()
	for _, last := range []int{100, 10_000} {
		sum := 0.0
		each(b, fmt.Sprintf("floor: added up/last=%d", last), vs, func(i int, _ float64) {
			for k := range last {
				sum += vs[(i+k)&(1<<16-1)]
			}
		})
		r := stats.NewRolling(last)
		each(b, fmt.Sprintf("moments and extremes/last=%d", last), vs, func(_ int, v float64) {
			r.Add(0, v)
			sum += r.Max() + r.Mean()
		})
		o := stats.NewRolling(last, stats.Ordered())
		each(b, fmt.Sprintf("median/last=%d", last), vs, func(_ int, v float64) {
			o.Add(0, v)
			sum += o.Median()
		})
	}
}
