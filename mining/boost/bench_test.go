package boost_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
)

// BenchmarkFit fits 100 trees of 15 leaves to 100,000 events of 20 features. Where the oracle is
// there, scikit-learn does the same in the same run: "sklearn-s" is its processor time, with one thread.
func BenchmarkFit(b *testing.B) {
	train := draws(100_000, 20, 2, rand.New(rand.NewPCG(1, 0)))
	spent := 0.0
	b.ReportAllocs()
	for b.Loop() {
		start := processor(b)
		m := boost.NewClassifier(20, 2, boost.MaxLeaves(15), boost.Rounds(100))
		if err := m.Fit(train); err != nil {
			b.Fatal(err)
		}
		spent += processor(b) - start
	}
	b.ReportMetric(spent/float64(b.N), "s/fit")
	if os.Getenv("FRESHET_ORACLE") != "" {
		theirs := ask(b, train, train.Slice(0, 10), map[string]any{"model": "classifier", "max_leaf_nodes": 15, "max_iter": 100})[0]
		b.ReportMetric(theirs.Seconds, "sklearn-s")
		b.ReportMetric(spent/float64(b.N)/theirs.Seconds, "×sklearn")
	}
}

// BenchmarkPredict answers with 100 trees of 15 leaves. The floor is to read the features.
func BenchmarkPredict(b *testing.B) {
	train := draws(10_000, 20, 2, rand.New(rand.NewPCG(1, 0)))
	m := boost.NewClassifier(20, 2, boost.MaxLeaves(15))
	if err := m.Fit(train); err != nil {
		b.Fatal(err)
	}
	b.Run("boost", func(b *testing.B) {
		to, i := make([]float64, 2), 0
		b.ReportAllocs()
		for b.Loop() {
			m.Probabilities(train.X[i], to)
			i = (i + 1) % train.Len()
		}
	})
	b.Run("floor", func(b *testing.B) {
		i, known := 0, 0
		for b.Loop() {
			for _, v := range train.X[i].Value {
				if mining.Known(v) {
					known++
				}
			}
			i = (i + 1) % train.Len()
		}
	})
}
