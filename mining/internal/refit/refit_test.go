package refit_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/refit"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/neighbors"
)

func saved(t *testing.T, m mining.Saved) []byte {
	b, err := m.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

func TestFit(t *testing.T) {
	require.Nil(t, refit.Fresh(linear.NewLogistic(2), "a: B"), "it has a Fit")
	m := neighbors.NewClassifier(1, 2, 1, 5)
	fresh := refit.Fresh(m, "a: B")
	var one mining.Table
	one.Add(mining.Dense(1), 1)
	require.NoError(t, refit.Fit(m, fresh, &one, "a: B"))
	once := saved(t, m)
	require.NoError(t, refit.Fit(m, fresh, &one, "a: B"))
	require.Equal(t, once, saved(t, m))
	one.Weight = []float64{2}
	require.ErrorContains(t, refit.Fit(m, fresh, &one, "a: B"), "cannot weight events")
}

func TestGuard(t *testing.T) {
	m := neighbors.NewClassifier(1, 2, 1, 5)
	m.Learn(mining.Dense(1), 1)
	before := saved(t, m)
	wrong := errors.New("wrong")
	require.ErrorIs(t, refit.Guard(m, func() error {
		m.Learn(mining.Dense(2), 0)
		return wrong
	}), wrong)
	require.Equal(t, before, saved(t, m))
	require.ErrorContains(t, refit.Guard(m, func() error {
		m.Learn(mining.Dense(2), 0)
		m.Learn(mining.Dense(2, 3), 0)
		return nil
	}), "neighbors: Classifier")
	require.Equal(t, before, saved(t, m))
	var nothing []int
	require.Panics(t, func() { _ = refit.Guard(m, func() error { nothing[len(before)] = 1; return nil }) }, "a mistake stays one")
	require.NoError(t, refit.Guard(m, func() error { m.Learn(mining.Dense(2), 0); return nil }))
	require.NotEqual(t, before, saved(t, m))
}
