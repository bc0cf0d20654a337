package eval_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/miningtest"
)

func TestBaselines(t *testing.T) {
	miningtest.Check(t, miningtest.Classifier(2, func() *eval.Majority { return eval.NewMajority(2) }))
	miningtest.Check(t, miningtest.Classifier(2, func() *eval.NoChange { return eval.NewNoChange(2) }))
	miningtest.Check(t, miningtest.Regressor(2, func() *eval.Mean { return new(eval.Mean) }))
	huge := miningtest.Regressor(2, func() *eval.Mean { return new(eval.Mean) })
	huge.Label = func(*rand.Rand, mining.Vector) float64 { return 1.7e308 }
	miningtest.Check(t, huge)
	for _, season := range []int{1, 7} {
		miningtest.Check(t, miningtest.Regressor(2, func() *eval.Seasonal { return eval.NewSeasonal(season) }))
	}
}

func TestSeasonal(t *testing.T) {
	m := eval.NewSeasonal(3)
	var got []float64
	for _, y := range []float64{1, 2, 3, 4, 5, 6, 7} {
		got = append(got, m.Predict(mining.Vector{}))
		m.Learn(mining.Vector{}, y)
	}
	require.Equal(t, []float64{0, 1, 2, 1, 2, 3, 4}, got)
	a, b := new(eval.Mean), 0.0
	for i := range 1000 {
		a.Learn(mining.Vector{}, float64(i))
		b += float64(i)
	}
	require.InDelta(t, b/1000, a.Predict(mining.Vector{}), 1e-9)
}
