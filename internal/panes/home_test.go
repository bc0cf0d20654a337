package panes

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// Each kind of windows has a home, and what differs by the kind is said of each.
func TestEachKindHasAHome(t *testing.T) {
	early := window.EarlyCount(3)
	homes := map[window.Kind][2]Home{}
	for _, of := range []struct {
		spec, triggered window.Spec
		homes           [2]Home
	}{
		{window.Tumbling(time.Minute), window.Tumbling(time.Minute, early), [2]Home{InSlices, InWindows}},
		{window.Sliding(time.Minute, time.Second), window.Sliding(time.Minute, time.Second, early), [2]Home{InSlices, InWindows}},
		{window.Cumulating(time.Minute, time.Second), window.Cumulating(time.Minute, time.Second, early), [2]Home{InSlices, InWindows}},
		{window.Global(), window.Global(early), [2]Home{InSlices, InWindows}},
		{window.Calendar(window.Day, time.UTC), window.Calendar(window.Day, time.UTC, early), [2]Home{InSlices, InWindows}},
		{window.CumulatingCalendar(window.Day, time.Hour, time.UTC), window.CumulatingCalendar(window.Day, time.Hour, time.UTC, early), [2]Home{InSlices, InWindows}},
		{window.Session(time.Minute), window.Session(time.Minute, early), [2]Home{InSessions, InSessions}},
		{window.ByCount(3), window.ByCount(3), [2]Home{InCounts, InCounts}},
	} {
		homes[of.spec.Kind()] = [2]Home{HomeOf(of.spec), HomeOf(of.triggered)}
		require.Equal(t, of.homes, homes[of.spec.Kind()], "%v", of.spec)
		if HomeOf(of.spec) == InSlices {
			s := NewSliced(of.spec, &Kind[string, int]{New: func() int { return 0 }, Merge: func(a, b int) int { return a + b }}, nil)
			require.NotPanics(t, func() { s.movable() })
		}
	}
	require.Equal(t, InWindows, HomeOf(window.Session(time.Minute).OfPanes()))
	for k := window.Kind(0); !strings.HasPrefix(k.String(), "Kind("); k++ {
		require.Contains(t, homes, k, "%v windows have no home", k)
	}
}
