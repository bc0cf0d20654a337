package panes

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// restored returns a store of spec at wm that holds what s does.
func restored(spec window.Spec, s Store, k *Kind[string, int], wm window.Time) Store {
	var to Store = NewTriggered(spec, k, freely)
	if spec.Kind() == window.KindSession {
		to = NewSessions(spec, k, freely)
	}
	to.Begin(wm)
	k.EachCell(s, func(x KeptCell[string, int]) { k.PutCell(to, x) })
	return to
}

// A window that a late event has opened when it had passed shows late panes
// only, also where its store goes on behind where it was.
func TestPassedStaysPassed(t *testing.T) {
	for _, spec := range []window.Spec{
		window.Tumbling(10, window.Lateness(1000), window.Discarding()), window.Tumbling(10, window.EarlyCount(9), window.Lateness(1000)),
		window.Session(10, window.Lateness(1000)),
	} {
		var all []fired
		k := kindOf(sums, &all)
		var s Store = NewTriggered(spec, k, freely)
		if spec.Kind() == window.KindSession {
			s = NewSessions(spec, k, freely)
		}
		s.Advance(100)
		s.Add(50, 100, adding(7))
		require.Len(t, all, 1)
		require.Equal(t, Late, all[0].Timing)
		s = restored(spec, s, k, 51)
		s.Advance(100)
		s.Advance(500)
		require.Len(t, all, 1, "%v", spec)
	}
}

// A session whose early panes were shown by other triggers still says what its
// pane replaces.
func TestReplacesWhatOtherTriggersShowed(t *testing.T) {
	early := window.Session(10, window.EarlyCount(1))
	var all []fired
	k := kindOf(sums, &all)
	var s Store = NewSessions(early, k, freely)
	s.Add(1, 0, adding(1))
	s.Add(5, 0, adding(2))
	s = restored(window.Session(10), s, k, 0)
	s.Add(7, 0, adding(4))
	s.Advance(100)
	last := all[len(all)-1]
	require.Equal(t, window.Window{Start: 1, End: 17}, last.Window)
	require.True(t, slices.Equal(last.Replaces, []window.Window{{Start: 1, End: 15}}), "%v", last)
}
