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

// TestElec2 holds Gaussian to river 0.26.1, event by event: 33,164 of 45,312 events right.
//
// The fact .7318812 is 33,163: one less. It is what river's rule gives with the variance of a sample, n-1
// below, where river 0.26.1 has n.
func TestElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	m := bayes.NewGaussian(6, 2, bayes.Smoothing(0), bayes.Floor(1e-9))
	like := bayes.NewGaussian(6, 2)
	right, rightLike := 0, 0
	var p []float64
	for i, x := range table.X {
		if i > 0 { // the first answer is of a model that knows nothing
			if p = m.Probabilities(x, p); float64(mining.Class(p)) == table.Y[i] {
				right++
			}
			if p = like.Probabilities(x, p); float64(mining.Class(p)) == table.Y[i] {
				rightLike++
			}
		}
		m.Learn(x, table.Y[i])
		like.Learn(x, table.Y[i])
	}
	require.Equal(t, 33164, right)
	require.InDelta(t, .7318812, float64(right)/45312, 1.1/45312)
	require.Equal(t, 33374, rightLike) // scikit-learn's smoothing
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
