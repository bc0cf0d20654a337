package bayes_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/miningtest"
)

func three(random *rand.Rand, _ mining.Vector) float64 { return float64(random.IntN(3)) }

func TestPromises(t *testing.T) {
	for _, opts := range [][]bayes.Option{nil, {bayes.Smoothing(0), bayes.Floor(1e-9)}, {bayes.Smoothing(0)}} {
		for _, sparse := range []bool{false, true} {
			g := miningtest.Classifier(4, func() *bayes.Gaussian { return bayes.NewGaussian(4, 3, opts...) })
			g.Sparse, g.Label, g.Merge = sparse, three, (*bayes.Gaussian).Merge
			miningtest.Check(t, g)
			m := miningtest.Classifier(4, func() *bayes.Multinomial { return bayes.NewMultinomial(4, 3) })
			m.Sparse, m.Label, m.Merge, m.Positive = sparse, three, (*bayes.Multinomial).Merge, true
			miningtest.Check(t, m)
			b := miningtest.Classifier(4, func() *bayes.Bernoulli { return bayes.NewBernoulli(4, 3) })
			b.Sparse, b.Label, b.Merge = sparse, three, (*bayes.Bernoulli).Merge
			miningtest.Check(t, b)
			c := miningtest.Classifier(4, func() *bayes.Complement { return bayes.NewComplement(4, 3, bayes.Alpha(0.5)) })
			c.Sparse, c.Label, c.Merge, c.Positive = sparse, three, (*bayes.Complement).Merge, true
			miningtest.Check(t, c)
		}
	}
}

// TestElec2: the fact .7318812 is 33,163 of 45,312 events.
func TestElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	for _, m := range []struct {
		model *bayes.Gaussian
		right int
	}{
		{bayes.NewGaussian(6, 2), 0},
		{bayes.NewGaussian(6, 2, bayes.Smoothing(0)), 0},
		{bayes.NewGaussian(6, 2, bayes.Smoothing(0), bayes.Floor(1e-9)), 0},
	} {
		right := 0
		var p []float64
		for i, x := range table.X {
			p = m.model.Probabilities(x, p)
			if float64(mining.Class(p)) == table.Y[i] && i > 0 {
				right++
			}
			m.model.Learn(x, table.Y[i])
		}
		t.Log(right)
	}
}

// TestRepeatPurchase holds Gaussian to the fact.
func TestRepeatPurchase(t *testing.T) {
	_, table := shopdata.RepeatPurchase(t)
	train, test := shopdata.Split(table)
	m := bayes.NewGaussian(6, 2)
	mining.Learn(m, train, 1, 0)
	loss := 0.0
	var p []float64
	for i, x := range test.X {
		both := m.Probabilities(x, nil)
		p = append(p, both[1])
		loss -= math.Log(both[int(test.Y[i])])
	}
	require.InDelta(t, .899953, loss/float64(test.Len()), 5e-7)
	pairs, auc := 0.0, 0.0
	for i, a := range p {
		for k, b := range p {
			if test.Y[i] == 1 && test.Y[k] == 0 {
				pairs++
				if a > b {
					auc++
				} else if a == b {
					auc += 0.5
				}
			}
		}
	}
	require.InDelta(t, .757881, auc/pairs, 5e-7)
}
