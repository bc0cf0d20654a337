package stream

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/state"
)

// There are no more shards than groups of keys, on whatever machine: one without a group would be given no events, and hold watermarks back.
func TestDefaultShards(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for procs, want := range map[int]int{1: 1, 3: 3, state.Groups: state.Groups, state.Groups + 1: state.Groups, 4 * state.Groups: state.Groups} {
		runtime.GOMAXPROCS(procs)
		require.Equal(t, want, New("shards").optionsOf(nil).Shards, "%d processors", procs)
	}
	require.Panics(t, func() { Shards(state.Groups + 1) })
}
