package stats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/stats"
)

// TestClassesThatAreNot: a class that is not there is named.
func TestClassesThatAreNot(t *testing.T) {
	e := stats.NewFadedEntropy(2, 10)
	require.PanicsWithValue(t, "stats: FadedEntropy.Add: there is no class 2 of 2", func() { e.Add(2) })
	require.PanicsWithValue(t, "stats: FadedEntropy.Share: there is no class -1 of 2", func() { e.Share(-1) })
}
