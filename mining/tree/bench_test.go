package tree_test

import (
	"testing"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/tree"
)

// BenchmarkElec2 predicts and learns the 45,312 events of Elec2, again and again from nothing. The floor is a
// loop by hand of what a leaf cannot do without: to update 6 means and variances of the class, and to ask
// the 12 densities for their logarithms, once.
func BenchmarkElec2(b *testing.B) {
	table := shopdata.Elec2(b)
	for name, build := range map[string]func() model{
		"hoeffding":          func() model { return tree.NewHoeffding(6, 2) },
		"hoeffding=eager":    func() model { return tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01)) },
		"hoeffding=majority": func() model { return tree.NewHoeffding(6, 2, tree.Answer(tree.Majority)) },
	} {
		b.Run(name, func(b *testing.B) {
			to := make([]float64, 2)
			m, i := build(), 0
			b.ReportAllocs()
			for b.Loop() {
				if i == table.Len() {
					m, i = build(), 0
				}
				m.Probabilities(table.X[i], to)
				m.Learn(table.X[i], table.Y[i])
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/event")
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
