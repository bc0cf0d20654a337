package panes

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// A run that goes on behind the end of a stream has the end of time as its watermark. A global window with triggers of its own
// takes what comes then, and fires it again; one on the default trigger, and every other window, takes nothing any more.
func TestGlobalWindowsBehindTheEnd(t *testing.T) {
	for _, spec := range []window.Spec{window.Global(window.EarlyCount(3)), window.Global(window.Once(2))} {
		var all []fired
		k := kindOf(sums, &all)
		s := NewTriggered(spec, k, freely)
		require.Zero(t, s.Add(5, window.MinTime, addingTo(0, 7, 0)))
		s.Advance(window.MaxTime)
		all = nil
		require.False(t, Gone(spec, 6, window.MaxTime))
		for _, n := range []int{40, 2} {
			require.Zero(t, s.Add(6, window.MaxTime, addingTo(0, n, 0)), "%v", spec)
		}
		require.NotEmpty(t, all, "%v", spec)
		require.Equal(t, 42, all[len(all)-1].Acc, "%v", spec)
		require.Equal(t, Late, all[len(all)-1].Timing, "%v", spec)
	}
	require.True(t, Gone(window.Global(), 6, window.MaxTime))
	for _, spec := range []window.Spec{window.Tumbling(10, window.EarlyCount(3)), window.Sliding(30, 10, window.Once(1), window.Lateness(5))} {
		s := NewTriggered(spec, kindOf(sums, new([]fired)), freely)
		s.Advance(window.MaxTime)
		require.True(t, Gone(spec, 6, window.MaxTime))
		require.Equal(t, 1, s.Add(6, window.MaxTime, addingTo(0, 1, 0)), "%v", spec)
	}
}
