//go:build !race

// The race detector allocates.

package boost_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
)

// TestAllocations: an answer allocates nothing once warm.
func TestAllocations(t *testing.T) {
	table := draws(500, 4, 2, rand.New(rand.NewPCG(11, 0)))
	m := boost.NewClassifier(4, 2, boost.Rounds(10))
	require.NoError(t, m.Fit(table))
	to := make([]float64, 2)
	var sparse mining.Vector
	sparse.Put(2, 1)
	m.Probabilities(sparse, to)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m.Probabilities(table.X[0], to)
		m.Probabilities(sparse, to)
	}))
}
