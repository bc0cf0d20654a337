package panes

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A table whose kind is counted knows the number of events of each cell, and Insert
// can be taken back.
func TestCellsAreCounted(t *testing.T) {
	for _, counted := range []bool{false, true} {
		k := &Kind[string, int]{Ops: sums, Counted: counted}
		c := k.table().(*Cells[string, int])
		counts := func(want ...int64) {
			t.Helper()
			if !counted {
				want = nil
			}
			require.Equal(t, want, append([]int64(nil), c.Counts...))
		}
		c.Put(1, "a", 10, 2)
		c.Put(2, "b", 20, 3)
		c.Put(1, "a", 5, 4)
		counts(6, 3)
		at, fresh := c.Insert(2, "b")
		require.Equal(t, 1, at)
		require.False(t, fresh)
		at, fresh = c.Insert(3, "c")
		require.Equal(t, 2, at)
		require.True(t, fresh)
		require.Zero(t, *c.acc(at))
		counts(6, 3, 0)
		c.TakeBack()
		counts(6, 3)
		require.Equal(t, 2, c.size())
		require.Equal(t, -1, c.Table.Place(3, "c"))
		require.Equal(t, 15, *c.acc(0))
		require.Equal(t, 20, *c.acc(1))
		c.reset()
		require.Zero(t, c.size())
		counts()
	}
}
