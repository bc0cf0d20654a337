package eval_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

const batch = 4096

// pairs returns labels 0 and 1, with probabilities.
func pairs(n int) (labels, p []float64) {
	random := rand.New(rand.NewPCG(1, 0))
	for range n {
		labels, p = append(labels, float64(random.IntN(2))), append(p, random.Float64())
	}
	return labels, p
}

// perEvent runs f on a batch of events, b.N times.
func perEvent(b *testing.B, f func(labels, p []float64)) {
	labels, p := pairs(batch)
	b.ReportAllocs()
	for b.Loop() {
		f(labels, p)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/event")
}

func BenchmarkAccumulators(b *testing.B) {
	b.Run("confusion", func(b *testing.B) {
		c := eval.NewConfusion(2)
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				c.Add(y, math.Round(p[i]))
			}
		})
	})
	b.Run("confusion/floor", func(b *testing.B) {
		var c [2][2]int
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				c[int(y)][int(math.Round(p[i]))]++
			}
		})
	})
	b.Run("errors", func(b *testing.B) {
		e := new(eval.Errors)
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				e.Add(y, p[i])
			}
		})
	})
	b.Run("errors/floor", func(b *testing.B) { // all that R2, RMSE, MAE, MAPE, sMAPE, WAPE and bias need, uncompensated
		var n, mean, spread, abs, squares, ape, sape, labelled, bias float64
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				d := p[i] - y
				a, m := math.Abs(d), math.Abs(y)
				n++
				f := y - mean
				mean += f / n
				spread += f * (y - mean)
				abs += a
				squares += d * d
				ape += a / max(m, 0x1p-52)
				sape += 2 * a / (m + math.Abs(p[i]))
				labelled += m
				bias += d
			}
		})
	})
	b.Run("losses", func(b *testing.B) {
		l, both := eval.NewLosses(2), make([]float64, 2)
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				both[0], both[1] = 1-p[i], p[i]
				l.Add(y, both)
			}
		})
	})
	b.Run("losses/floor", func(b *testing.B) {
		var logs, squares float64
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				q := p[i]
				if y == 0 {
					q = 1 - q
				}
				logs -= math.Log(q)
				squares += (p[i] - y) * (p[i] - y)
			}
		})
	})
	b.Run("binned", func(b *testing.B) {
		c := eval.NewBinned(1000)
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				c.Add(y, p[i])
			}
		})
	})
	b.Run("binned/floor", func(b *testing.B) {
		var c [2][1001]int
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				c[int(y)][int(p[i]*1000)]++
			}
		})
	})
	b.Run("calibration", func(b *testing.B) {
		c := eval.NewCalibration(10)
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				c.Add(y, p[i])
			}
		})
	})
	b.Run("rolling", func(b *testing.B) {
		c := eval.NewRolling(1000)
		perEvent(b, func(labels, p []float64) {
			for i, y := range labels {
				c.Add(y, p[i])
			}
		})
	})
	b.Run("test then train", func(b *testing.B) { // two baselines, each with whole, recent and faded figures
		c, x := eval.NewClassification(2), mining.Dense(1, 2, 3)
		perEvent(b, func(labels, p []float64) {
			for _, y := range labels {
				c.Step(x, y)
			}
		})
	})
}

func BenchmarkAUC(b *testing.B) {
	const n = 100000
	labels, p := pairs(n)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			eval.Rank(labels, p, nil).AUC()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
	})
	b.Run("floor", func(b *testing.B) { // a sort, and one pass
		b.ReportAllocs()
		for b.Loop() {
			type pair struct{ p, y float64 }
			all := make([]pair, n)
			for i := range all {
				all[i] = pair{p[i], labels[i]}
			}
			slices.SortFunc(all, func(a, b pair) int {
				switch {
				case a.p > b.p:
					return -1
				case a.p < b.p:
					return 1
				}
				return 0
			})
			tp, area := 0.0, 0.0
			for _, a := range all {
				if a.y == 1 {
					tp++
				} else {
					area += tp
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
	})
}
