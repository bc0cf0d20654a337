package bayes_test

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/prepare"
)

type messages struct {
	Labels, Values []float64
	Places         []uint32
	Starts         []int
	Train, Size    int
}

type model interface {
	mining.WeightedLearner
	mining.Classifier
}

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	const n, features = 400, 4
	var in struct {
		X, Counts  [][]float64
		Y, Weights []float64
		SMS        messages
	}
	for range n {
		y := float64(random.IntN(3))
		x, c := make([]float64, features), make([]float64, features)
		for p := range x {
			x[p] = (1+y*float64(p))*random.NormFloat64() + y*float64(p%2) + 10
			c[p] = float64(random.IntN(3 + int(y)*p))
		}
		in.X, in.Counts, in.Y, in.Weights = append(in.X, x), append(in.Counts, c), append(in.Y, y), append(in.Weights, float64(1+random.IntN(4))/2)
	}
	var sms []mining.Vector
	if os.Getenv("FRESHET_SHARED") != "" {
		sms, in.SMS = words(t)
	}
	var want map[string][]float64
	oracle.Ask(t, "testdata/oracle.py", in, &want)
	near := func(name string, tolerance float64, got []float64) {
		t.Helper()
		require.Len(t, got, len(want[name]), name)
		for i, v := range got {
			require.InDelta(t, want[name][i], v, tolerance, "%s: %d", name, i)
		}
	}
	batch := func(name string, build func() model, data [][]float64) {
		t.Helper()
		for _, weighted := range []bool{false, true} {
			if weighted && (name == "gaussian" || name == "gaussian smooth") {
				continue // scikit-learn smooths by the variance without weights
			}
			m, called := build(), name
			var got []float64
			if weighted {
				called += " weighted"
			}
			for i, x := range data {
				switch {
				case i >= n/2:
					got = append(got, m.Probabilities(mining.Dense(x...), nil)...)
				case weighted:
					m.LearnWeighted(mining.Dense(x...), in.Y[i], in.Weights[i])
				default:
					m.Learn(mining.Dense(x...), in.Y[i])
				}
			}
			near(called, 1e-9, got)
		}
	}
	batch("gaussian", func() model { return bayes.NewGaussian(features, 3) }, in.X)
	batch("gaussian smooth", func() model { return bayes.NewGaussian(features, 3, bayes.Smoothing(0.1)) }, in.X)
	batch("gaussian bare", func() model { return bayes.NewGaussian(features, 3, bayes.Smoothing(0)) }, in.X)
	for _, a := range []float64{1, 0.3} {
		batch(fmt.Sprintf("multinomial %g", a), func() model { return bayes.NewMultinomial(features, 3, bayes.Alpha(a)) }, in.Counts)
		batch(fmt.Sprintf("bernoulli %g", a), func() model { return bayes.NewBernoulli(features, 3, bayes.Alpha(a)) }, in.Counts)
		batch(fmt.Sprintf("complement %g", a), func() model { return bayes.NewComplement(features, 3, bayes.Alpha(a)) }, in.Counts)
	}
	stream := func(name string, m model, data [][]float64) {
		t.Helper()
		var got []float64
		for i, x := range data {
			got = append(got, m.Probabilities(mining.Dense(x...), nil)...)
			m.Learn(mining.Dense(x...), in.Y[i])
		}
		near(name, 1e-9, got)
	}
	stream("river gaussian", bayes.NewGaussian(features, 3, bayes.Smoothing(0), bayes.Floor(1e-9)), in.X)
	stream("river multinomial", bayes.NewMultinomial(features, 3), in.Counts)

	if sms == nil {
		return
	}
	for name, m := range map[string]model{"multinomial": bayes.NewMultinomial(in.SMS.Size, 2), "bernoulli": bayes.NewBernoulli(in.SMS.Size, 2), "complement": bayes.NewComplement(in.SMS.Size, 2)} {
		var got []float64
		right, loss := 0, 0.0
		for i, x := range sms {
			y := in.SMS.Labels[i]
			if i < in.SMS.Train {
				m.Learn(x, y)
				continue
			}
			p := m.Probabilities(x, nil)
			got = append(got, p[1])
			if float64(mining.Class(p)) == y {
				right++
			}
			loss -= math.Log(max(2.3e-16, p[int(y)]))
		}
		near("sms "+name, 1e-9, got)
		held := float64(len(got))
		figures := want["sms figures "+name]
		t.Logf("sms %s: accuracy %.6f, log loss %.6f; scikit-learn: accuracy %.6f, AUC %.6f, log loss %.6f", name, float64(right)/held, loss/held, figures[0], figures[1], figures[2])
		require.Equal(t, figures[0], float64(right)/held)
		require.InEpsilon(t, figures[2], loss/held, 1e-6)
	}
}

// words returns the messages as hashed words.
func words(t *testing.T) (x []mining.Vector, m messages) {
	texts, spam := shopdata.SMS(t)
	hash := prepare.Hashing{Size: 1 << 12, Seed: 1}
	m = messages{Labels: spam, Train: len(texts) * 3 / 4, Size: hash.Places(), Starts: []int{0}}
	for _, text := range texts {
		var v mining.Vector
		hash.Words(&v, text)
		x = append(x, v)
		m.Values, m.Places = append(m.Values, v.Value...), append(m.Places, v.Index...)
		m.Starts = append(m.Starts, len(m.Values))
	}
	return x, m
}
