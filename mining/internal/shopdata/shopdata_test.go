package shopdata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/shopdata"
)

func sum(y []float64) (s float64) {
	for _, v := range y {
		s += v
	}
	return s
}

// TestFacts holds the tables to counts that others made of the same files.
func TestFacts(t *testing.T) {
	lines := shopdata.Clean(t)
	require.Len(t, lines, 530_104)
	revenue, known := 0.0, 0
	for i, l := range lines {
		revenue += float64(l.Quantity) * l.Price
		if l.Customer != 0 {
			known++
		}
		require.False(t, i > 0 && l.Time.Before(lines[i-1].Time))
	}
	require.InDelta(t, 10_666_684.54, revenue, 0.005)
	require.Equal(t, 397_884, known)

	ids, table := shopdata.RepeatPurchase(t)
	require.Equal(t, 3317, table.Len())
	require.Len(t, ids, 3317)
	require.IsIncreasing(t, ids)
	require.Equal(t, 1864.0, sum(table.Y))
	require.Equal(t, 6, table.Features())
	train, test := shopdata.Split(table)
	require.Equal(t, []int{2653, 664}, []int{train.Len(), test.Len()})

	e := shopdata.Elec2(t)
	require.Equal(t, 45_312, e.Len())
	require.Equal(t, 6, e.Features())
	require.InDelta(t, 0.424545, sum(e.Y)/45_312, 5e-7)
	require.Same(t, e, shopdata.Elec2(t))

	texts, spam := shopdata.SMS(t)
	require.Len(t, texts, 5574)
	require.Equal(t, 747.0, sum(spam))
}
