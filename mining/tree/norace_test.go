//go:build !race

// The race detector allocates.

package tree_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/tree"
)

// TestAllocations: a tree allocates where it grows, and nowhere else.
func TestAllocations(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 0))
	m := tree.NewHoeffding(3, 2, tree.MaxLeaves(4), tree.Grace(50), tree.Delta(0.1))
	var x mining.Vector
	to := make([]float64, 2)
	learn := func() {
		x.Reset()
		x.Append(random.NormFloat64(), random.NormFloat64())
		x.Put(2, random.NormFloat64())
		m.Probabilities(x, to)
		y := 0.0
		if x.Value[0] > x.Value[2] {
			y = 1
		}
		m.Learn(x, y)
	}
	for range 5000 {
		learn()
	}
	require.Equal(t, 4, m.Leaves())
	require.Less(t, testing.AllocsPerRun(2000, learn), 1.0)
}
