package stream

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is set and cancelled, or held and deleted, again and again is not remembered
// until its time has come.
func TestQueuesAreSwept(t *testing.T) {
	set := newTimers[int]()
	for i := range Time(100_000) {
		set.cancel(i-1+1e12, 1)
		set.add(i+1e12, 1, 1)
	}
	set.add(5, 3, 3)
	require.Less(t, set.heap.Len(), 1100)
	ref, at, ok := set.pop(5)
	require.True(t, ok)
	require.Equal(t, keyRef[int]{3, 3}, ref)
	require.Equal(t, Time(5), at)

	states := keyStates[int, int]{ttl: time.Hour}
	for i := range 100_000 {
		states.at(uint64(i%5), i%5, Time(i)+1)
		states.states.Delete(uint64(i%5), i%5)
	}
	states.at(9, 9, 100_000)
	require.Less(t, states.due.Len(), 1100)
	states.expire(Time(100_000).Add(time.Hour) - 1)
	require.Equal(t, 1, states.states.Len())
	states.expire(Time(100_000).Add(time.Hour))
	require.Zero(t, states.states.Len())
}
