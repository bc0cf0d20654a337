package panes

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// A late event does not join a session that is over for it, be the session
// gone, or still there because the store has not been told the watermark yet,
// as behind events of the same batch.
func TestLateEventBesideSessionThatIsOver(t *testing.T) {
	at := func(seconds int) window.Time { return window.Time(seconds) * window.Time(time.Second) }
	one := func(n int) int { return n + 1 }
	for _, lateness := range []time.Duration{0, 2 * time.Second} {
		over := at(20).Add(lateness)
		for _, told := range []bool{false, true} {
			fired := map[window.Window]int{}
			s := NewSessions(window.Session(10*time.Second, window.Lateness(lateness)), sums, func(p *Pane[string, int]) { fired[p.Window] = p.Acc })
			require.Zero(t, s.Add(at(10), at(0), 7, "k", one))
			if told {
				s.Advance(over)
			}
			require.Zero(t, s.Add(at(19), over, 7, "k", one))
			require.Zero(t, s.Add(at(18), over, 7, "k", one))
			require.Zero(t, s.Add(at(28), over, 7, "k", one))
			s.Advance(window.MaxTime)
			require.Equal(t, map[window.Window]int{{Start: at(10), End: at(20)}: 1, {Start: at(18), End: at(38)}: 3}, fired, "lateness %v, told %v", lateness, told)
			require.Zero(t, s.Keys())
		}
	}
}

// Another partition is behind, and its event joins the two.
func TestSessionsThatOverlapAreJoined(t *testing.T) {
	at := func(seconds int) window.Time { return window.Time(seconds) * window.Time(time.Second) }
	one := func(n int) int { return n + 1 }
	fired := map[window.Window]int{}
	s := NewSessions(window.Session(10*time.Second), sums, func(p *Pane[string, int]) { fired[p.Window] = p.Acc })
	s.Add(at(10), at(0), 7, "k", one)
	s.Add(at(18), at(20), 7, "k", one)
	require.Equal(t, 2, s.Keys())
	s.Add(at(19), at(5), 7, "k", one)
	require.Equal(t, 1, s.Keys())
	s.Advance(window.MaxTime)
	require.Equal(t, map[window.Window]int{{Start: at(10), End: at(29)}: 3}, fired)
}
