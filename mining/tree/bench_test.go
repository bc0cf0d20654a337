package tree_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/tree"
)

// BenchmarkElec2 predicts and learns the 45,312 events of Elec2, again and again from nothing. Where the oracle is
// there, river does the same once in the same run: "×river" is the ratio of processor times.
// The floor is a loop by hand of what a leaf cannot do without: to update 6 means and variances of the class, and to
// compare the event with the 12.
func BenchmarkElec2(b *testing.B) {
	table := shopdata.Elec2(b)
	for _, c := range []struct {
		name   string
		build  func() model
		theirs map[string]any
		events int // of river's
	}{
		{"hoeffding", func() model { return tree.NewHoeffding(6, 2) }, map[string]any{"model": "hoeffding"}, table.Len()},
		{"hoeffding=eager", func() model { return tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01)) }, map[string]any{"model": "hoeffding", "grace_period": 50, "delta": 0.01}, table.Len()},
		{"forest", func() model { return tree.NewForest(6, 2) }, map[string]any{"model": "forest", "seed": 1}, 3000},
	} {
		b.Run(c.name, func(b *testing.B) {
			to := make([]float64, 2)
			m, i := c.build(), 0
			b.ReportAllocs()
			start := processor(b)
			for b.Loop() {
				if i == table.Len() {
					m, i = c.build(), 0
				}
				m.Probabilities(table.X[i], to)
				m.Learn(table.X[i], table.Y[i])
				i++
			}
			ours := (processor(b) - start) / float64(b.N)
			b.ReportMetric(ours*1e9, "cpu-ns/event")
			if os.Getenv("FRESHET_ORACLE") != "" {
				theirs := ask[[]float64](b, table.Slice(0, c.events), 2, c.theirs)[0].Seconds / float64(c.events)
				b.ReportMetric(theirs/ours, "×river")
			}
		})
	}
	b.Run("floor", func(b *testing.B) {
		type moments struct{ n, mean, s float64 }
		var classes [2][6]moments
		i, total := 0, 0.0
		b.ReportAllocs()
		for b.Loop() {
			if i == table.Len() {
				i = 0
			}
			x := table.X[i].Value
			for c := range classes {
				for k, v := range x {
					d := v - classes[c][k].mean
					total += d * d / (classes[c][k].s + 1)
				}
			}
			for k, v := range x {
				g := &classes[int(table.Y[i])][k]
				g.n++
				d := v - g.mean
				g.mean += d / g.n
				g.s += d * (v - g.mean)
			}
			i++
		}
		if total < 0 {
			b.Error(total)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/event")
	})
}

type model interface {
	mining.Learner
	mining.Classifier
}

// BenchmarkRegressor predicts and learns Friedman's function, of 10 features.
func BenchmarkRegressor(b *testing.B) {
	table := friedman(rand.New(rand.NewPCG(1, 0)), 10000)
	m, i := tree.NewRegressor(10), 0
	b.ReportAllocs()
	start := processor(b)
	for b.Loop() {
		if i == table.Len() {
			m, i = tree.NewRegressor(10), 0
		}
		m.Predict(table.X[i])
		m.Learn(table.X[i], table.Y[i])
		i++
	}
	ours := (processor(b) - start) / float64(b.N)
	b.ReportMetric(ours*1e9, "cpu-ns/event")
	if os.Getenv("FRESHET_ORACLE") != "" {
		theirs := ask[float64](b, table, 0, map[string]any{"model": "regressor"})[0].Seconds / float64(table.Len())
		b.ReportMetric(theirs/ours, "×river")
	}
}
