package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Partitions are numbered as they come; those of the run before keep what they had,
// and a number is given again only when there are no others.
func TestNumbersAreGivenAgainLast(t *testing.T) {
	var x numbers
	require.Nil(t, x.of(0))
	x.reserve(3, func(n int) bool { return n == 1 })
	require.Equal(t, 3, x.given())
	old, fresh := &Partition{}, &Partition{}
	x.put(old, 1)
	require.NoError(t, x.give(fresh))
	require.Equal(t, 1, old.index)
	require.Equal(t, 3, fresh.index)
	require.Equal(t, []*Partition{nil, old, nil, fresh}, []*Partition{x.of(0), x.of(1), x.of(2), x.of(3)})
	require.Nil(t, x.of(-1))
	require.Nil(t, x.of(4))

	x.leave(old)
	require.Same(t, old, x.of(1), "events of it may still be held")
	for x.given() < mostNumbers {
		require.NoError(t, x.give(&Partition{}))
	}
	require.Equal(t, 65_534, x.given())
	for _, number := range []int{0, 2, 1} { // the one that was gone last comes last
		p := &Partition{}
		require.NoError(t, x.give(p))
		require.Equal(t, number, p.index)
		require.Same(t, p, x.of(number))
	}
	require.Equal(t, errManyPartitions, x.give(&Partition{}))
	require.Equal(t, mostNumbers, x.given())
	last := &Partition{index: mostNumbers - 1}
	require.Equal(t, uint64(mostNumbers), last.Seq()>>SeqBits, "a seq has room for it")
}
