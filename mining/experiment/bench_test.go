package experiment

import (
	"math/rand/v2"
	"testing"

	"github.com/freshet-go/freshet/mining/stats"
)

// BenchmarkLook measures a value of a Sequential, which looks each time, beside adding it up only.
func BenchmarkLook(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	vs := make([]float64, 1<<12)
	for i := range vs {
		vs[i] = random.NormFloat64()
	}
	b.Run("floor: Summary", func(b *testing.B) {
		b.ReportAllocs()
		var arms [2]stats.Summary
		i := 0
		for b.Loop() {
			arms[i&1].Add(vs[i&(1<<12-1)])
			i++
		}
	})
	b.Run("Sequential", func(b *testing.B) {
		b.ReportAllocs()
		s := NewSequential(0.1)
		i := 0
		for b.Loop() {
			s.Add(i&1, vs[i&(1<<12-1)])
			i++
		}
	})
}

// BenchmarkAnswers measures what one asks for once.
func BenchmarkAnswers(b *testing.B) {
	a, c := Rate{120, 2400}, Rate{156, 2400}
	random := rand.New(rand.NewPCG(1, 2))
	x, y := sample(random, 50, 0, 0), sample(random, 50, 0, 0.5)
	large, other := sample(random, 10_000, 0, 0), sample(random, 10_000, 0, 0)
	mean := func(vs []float64) float64 {
		var sum float64
		for _, v := range vs {
			sum += v
		}
		return sum / float64(len(vs))
	}
	sx, sy := stats.Of(x...), stats.Of(y...)
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"Proportions", func() { Proportions(a, c, TwoSided) }},
		{"Wilson", func() { a.Wilson(0.95) }},
		{"ClopperPearson", func() { a.ClopperPearson(0.95) }},
		{"Welch", func() { Welch(sx, sy, TwoSided) }},
		{"Fisher", func() { Fisher(a, c, TwoSided) }},
		{"MannWhitney exact 50 x 50", func() { MannWhitney(x, y, TwoSided) }},
		{"MannWhitney 10000 x 10000", func() { MannWhitney(large, other, TwoSided) }},
		{"KolmogorovSmirnov exact 10000 x 10000", func() { KolmogorovSmirnov(large, other, TwoSided) }},
		{"Bootstrap 9999 x 50", func() { Bootstrap(x, mean) }},
		{"Believe", func() { b := Believe(a, c, 1, 1); b.Better(); b.Loss() }},
		{"Design.Means", func() { Design{}.Means(0.1) }},
		{"Group of 5", func() { Group(OBrienFleming, 0.05, TwoSided, 0.2, 0.4, 0.6, 0.8, 1) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.do()
			}
		})
	}
}
