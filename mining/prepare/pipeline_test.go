package prepare_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/prepare"
)

// TestElec2 holds scaling and logistic regression, event by event, to figures of river.
func TestElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	for _, want := range []struct {
		rate               float64
		right              int
		accuracy, f1, loss float64
		w                  []float64
		b                  float64
	}{
		{0.005, 36654, 0.8089248, 0.7584937, 0.4304776, []float64{-.005771335132662032, 3.881044087111713, .4779731079998563, -.04556218127828154, -.2816674280782648, .5420257286771042}, -.27910557315666357},
		{0.01, 36996, 0.8164726, 0.7710352, 0.4162325, nil, 0},
		{0.05, 38006, 0.8387624, 0.8043909, 0.3789887, nil, 0},
	} {
		scale := prepare.NewStandard(6)
		lr := linear.NewLogistic(6, linear.Rate(want.rate))
		m := prepare.NewClassifier(lr, scale)
		right, tp, wrong, loss := 0, 0, 0, 0.0
		p := make([]float64, 2)
		for i, x := range table.X {
			p = m.Probabilities(x, p)
			class := 0
			if p[1] > 0.5 {
				class = 1
			}
			y := int(table.Y[i])
			if class == y {
				right++
				tp += y
			} else {
				wrong++
			}
			loss -= math.Log(min(1-1e-15, max(1e-15, p[y])))
			m.Learn(x, table.Y[i])
		}
		n := float64(table.Len())
		require.Equal(t, want.right, right)
		// 36,996 of 45,312 are .81647246, and the fact says .8164726: river 0.26.1 has 36,996.
		require.InDelta(t, want.accuracy, float64(right)/n, 1.5e-7)
		require.InDelta(t, want.f1, float64(2*tp)/float64(2*tp+wrong), 5e-8)
		require.InDelta(t, want.loss, loss/n, 5e-8)
		if want.w != nil {
			for i, w := range lr.Weights() {
				require.InEpsilon(t, want.w[i], w, 1e-9)
			}
			require.InEpsilon(t, want.b, lr.Intercept(), 1e-9)
		}
	}
}

// TestRepeatPurchase holds the exact solver to scikit-learn's.
//
// The coefficients of the fact are where scikit-learn 1.2.1 stopped, by its default tolerance: the gradient there is .0128, and
// what they minimize is 3e-7 more than at ours. So they are within 1e-4, and not 1e-5; what scikit-learn 1.9.1 finds
// with a tolerance of 1e-12 is ours to 1e-9 (package linear, TestOracle).
func TestRepeatPurchase(t *testing.T) {
	_, table := shopdata.RepeatPurchase(t)
	train, test := shopdata.Split(table)
	lr, scale := linear.NewLogistic(6), prepare.NewStandard(6)
	m := prepare.NewClassifier(lr, scale)
	require.NoError(t, m.Fit(train))
	fact, factB := []float64{-.24483991, .01430002, .63611041, -.02083552, 1.04719109, -.67172974}, .35703821
	for i, w := range fact {
		require.InDelta(t, w, lr.Weights()[i], 1e-4)
	}
	require.InDelta(t, factB, lr.Intercept(), 1e-5)
	cost := func(w []float64, b float64) (sum, steepest float64) {
		g := make([]float64, 7)
		var z mining.Vector
		for i, x := range train.X {
			scale.Transform(x, &z)
			s := b
			for p, v := range z.Value {
				s += w[p] * v
			}
			miss := 1/(1+math.Exp(-s)) - train.Y[i]
			sum += max(s, 0) + math.Log1p(math.Exp(-math.Abs(s))) - train.Y[i]*s
			for p, v := range z.Value {
				g[p] += miss * v
			}
			g[6] += miss
		}
		for p, v := range w {
			sum += v * v / 2
			g[p] += v
		}
		for _, v := range g {
			steepest = max(steepest, math.Abs(v))
		}
		return sum, steepest
	}
	ours, flat := cost(lr.Weights(), lr.Intercept())
	theirs, steep := cost(fact, factB)
	require.Less(t, flat, 1e-9)
	require.InDelta(t, 0.0128, steep, 1e-4)
	require.InDelta(t, 3.4e-7, theirs-ours, 1e-8)

	auc, loss := judge(m, test)
	require.InDelta(t, .751268, auc, 1e-5)
	require.InDelta(t, .580411, loss, 1.5e-6)

	free := prepare.NewClassifier(linear.NewLogistic(6, linear.C(math.Inf(1))), prepare.NewStandard(6))
	require.NoError(t, free.Fit(train))
	auc, loss = judge(free, test)
	require.InDelta(t, .750053, auc, 2e-5) // as above
	require.InDelta(t, .582117, loss, 4e-6)
}

// judge returns the area under the ROC curve, by its definition, and the log loss.
func judge(m mining.Classifier, test *mining.Table) (auc, loss float64) {
	var p []float64
	for i, x := range test.X {
		both := m.Probabilities(x, nil)
		p = append(p, both[1])
		loss -= math.Log(both[int(test.Y[i])])
	}
	pairs := 0.0
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
	return auc / pairs, loss / float64(len(p))
}
