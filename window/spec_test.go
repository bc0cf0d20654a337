package window_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
)

// interval is a window or a slice in seconds.
type interval [2]int64

func seconds(w window.Window) interval {
	return interval{int64(w.Start) / int64(time.Second), int64(w.End) / int64(time.Second)}
}

func TestIntervals(t *testing.T) {
	const s = time.Second
	for _, x := range []struct {
		spec    window.Spec
		at      int64
		windows []interval
		slice   interval
	}{
		{window.Tumbling(5 * s), 0, []interval{{0, 5}}, interval{0, 5}},
		{window.Tumbling(5 * s), 5, []interval{{5, 10}}, interval{5, 10}},
		{window.Tumbling(5 * s), -1, []interval{{-5, 0}}, interval{-5, 0}},
		{window.Tumbling(5 * s), -5, []interval{{-5, 0}}, interval{-5, 0}},
		{window.Tumbling(5*s, window.Offset(2*s)), 1, []interval{{-3, 2}}, interval{-3, 2}},
		{window.Tumbling(5*s, window.Offset(-8*s)), 1, []interval{{-3, 2}}, interval{-3, 2}},

		{window.Sliding(10*s, 5*s), 0, []interval{{-5, 5}, {0, 10}}, interval{0, 5}},
		{window.Sliding(10*s, 5*s), -1, []interval{{-10, 0}, {-5, 5}}, interval{-5, 0}},
		{window.Sliding(10*s, 10*s), 7, []interval{{0, 10}}, interval{0, 10}},
		{window.Sliding(10*s, 4*s), 0, []interval{{-8, 2}, {-4, 6}, {0, 10}}, interval{0, 2}}, // 2 = gcd
		{window.Sliding(10*s, 4*s), 3, []interval{{-4, 6}, {0, 10}}, interval{2, 4}},          // not in all of them
		{window.Sliding(10*s, 4*s, window.Offset(s)), 0, []interval{{-7, 3}, {-3, 7}}, interval{-1, 1}},

		{window.Cumulating(6*s, 2*s), 0, []interval{{0, 2}, {0, 4}, {0, 6}}, interval{0, 2}},
		{window.Cumulating(6*s, 2*s), 3, []interval{{0, 4}, {0, 6}}, interval{2, 4}},
		{window.Cumulating(6*s, 2*s), -1, []interval{{-6, 0}}, interval{-2, 0}},
		{window.Cumulating(6*s, 2*s, window.Offset(s)), 0, []interval{{-5, 1}}, interval{-1, 1}},
	} {
		at := window.Time(x.at) * window.Time(s)
		var got []interval
		for w := range x.spec.Windows(at) {
			got = append(got, seconds(w))
		}
		assert.Equal(t, x.windows, got, "%v at %d", x.spec, x.at)
		slice := x.spec.Slice(at)
		assert.Equal(t, x.slice, seconds(slice), "%v: slice of %d", x.spec, x.at)
		last := x.windows[len(x.windows)-1]
		assert.Equal(t, last[1], int64(x.spec.LastEnd(slice))/int64(s), "%v: last end of %d", x.spec, x.at)
		end := x.spec.EndAfter(at)
		assert.Equal(t, x.windows[0], seconds(x.spec.Ending(end)), "%v: first to end after %d", x.spec, x.at)
	}
}

func TestGlobalHoldsAllOfTime(t *testing.T) {
	all := window.Window{Start: window.MinTime, End: window.MaxTime}
	s := window.Global()
	for _, at := range []window.Time{window.MinTime, -1, 0, window.MaxTime} {
		assert.Equal(t, []window.Window{all}, slices.Collect(s.Windows(at)))
		assert.Equal(t, all, s.Slice(at))
		assert.Equal(t, window.MaxTime, s.EndAfter(at))
	}
	assert.Equal(t, all, s.Ending(window.MaxTime))
	assert.Equal(t, window.MaxTime, s.LastEnd(all))
}

func TestWindowsMayBeLeftEarly(t *testing.T) {
	for w := range window.Sliding(10, 1).Windows(0) {
		assert.Equal(t, window.Window{Start: -9, End: 1}, w)
		break
	}
}

func TestWindowsDoNotAllocate(t *testing.T) {
	s, n := window.Sliding(time.Minute, time.Second), 0
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for range s.Windows(12345) {
			n++
		}
		sink += s.LastEnd(s.Slice(12345))
	}))
}

func TestSpecSaysWhatItIs(t *testing.T) {
	const m = time.Minute
	for _, x := range []struct {
		spec             window.Spec
		kind             window.Kind
		size, slide, gap time.Duration
		n                int
		text             string
	}{
		{window.Tumbling(m), window.KindTumbling, m, m, 0, 0, "tumbling 1m0s"},
		{window.Sliding(m, 10*time.Second), window.KindSliding, m, 10 * time.Second, 0, 0, "sliding 1m0s every 10s"},
		{window.Cumulating(m, 20*time.Second), window.KindCumulating, m, 20 * time.Second, 0, 0, "cumulating 1m0s every 20s"},
		{window.Session(m), window.KindSession, 0, 0, m, 0, "session 1m0s"},
		{window.ByCount(3), window.KindCount, 0, 0, 0, 3, "count 3"},
		{window.Global(), window.KindGlobal, 0, 0, 0, 0, "global"},
		{window.Sliding(m, 10*time.Second, window.EarlyCount(1)).OfPanes(), window.KindSliding, m, 10 * time.Second, 0, 0, "sliding 1m0s every 10s, of panes"},
		{window.Calendar(window.Day, time.UTC).OfPanes(), window.KindCalendar, 0, 0, 0, 0, "calendar day in UTC, of panes"},
	} {
		assert.Equal(t, x.kind, x.spec.Kind())
		assert.Equal(t, x.size, x.spec.Size(), x.text)
		assert.Equal(t, x.slide, x.spec.Slide(), x.text)
		assert.Equal(t, x.gap, x.spec.Gap(), x.text)
		assert.Equal(t, x.n, x.spec.N(), x.text)
		assert.Equal(t, x.text, x.spec.String())
		assert.True(t, x.spec.Default(), x.text)
	}
}

func TestSpecPanics(t *testing.T) {
	for want, f := range map[string]func(){
		"window: Tumbling(0s): the size is not positive":                            func() { window.Tumbling(0) },
		"window: Sliding(1s, 2s): want 0 < slide <= size":                           func() { window.Sliding(time.Second, 2*time.Second) },
		"window: Sliding(1s, 0s): want 0 < slide <= size":                           func() { window.Sliding(time.Second, 0) },
		"window: Cumulating(5s, 2s): the step does not divide the size":             func() { window.Cumulating(5*time.Second, 2*time.Second) },
		"window: Cumulating(-5s, -5s): the step does not divide the size":           func() { window.Cumulating(-5*time.Second, -5*time.Second) },
		"window: Session(-1ns): the gap is not positive":                            func() { window.Session(-1) },
		"window: OfPanes makes no sense for count windows":                          func() { window.ByCount(3).OfPanes() },
		"window: OfPanes: panes with a Stamp of their own do not tell their window": func() { window.Tumbling(1, window.Stamp(window.Latest)).OfPanes() },
		sessionsGrow: func() { window.Session(1, window.Lateness(1)).OfPanes() },
		"window: OfPanes: the windows lie where those of the panes do":  func() { window.Tumbling(2).OfPanes(window.Offset(1)) },
		"window: ByCount(0): not positive":                              func() { window.ByCount(0) },
		"window: Cumulating(5s, 0s): the step does not divide the size": func() { window.Cumulating(5*time.Second, 0) },
		"window: Session(0s): the gap is not positive":                  func() { window.Session(0) },
	} {
		assert.PanicsWithValue(t, want, f)
	}
}

// Whether panes replace each other, and how late they may be, is that of their windows.
func TestOfPanes(t *testing.T) {
	const m = time.Minute
	late, early := window.Tumbling(m, window.Lateness(m)), window.Tumbling(m, window.EarlyEvery(m))
	assert.False(t, late.ForPanes() || late.Replaced() || late.Parts())
	for _, x := range []struct {
		spec            window.Spec
		replaced, parts bool
	}{
		{window.Tumbling(m).OfPanes(), false, false},
		{late.OfPanes(), true, false},
		{early.OfPanes(), true, false},
		{window.Tumbling(m, window.EarlyCount(2)).OfPanes(), true, false},
		{window.Tumbling(m, window.EarlyCount(2), window.Discarding()).OfPanes(), false, true},
		{window.Tumbling(m, window.Once(2), window.Lateness(m)).OfPanes(), false, false},
		{early.OfPanes().OfPanes(), false, false},
		{late.OfPanes().OfPanes(), true, false},
		{window.Session(m).OfPanes(), false, false},
	} {
		assert.True(t, x.spec.ForPanes())
		assert.True(t, x.spec.Default())
		assert.Equal(t, x.replaced, x.spec.Replaced(), x.spec)
		assert.Equal(t, x.parts, x.spec.Parts(), x.spec)
	}
	assert.Equal(t, m, late.OfPanes().Lateness())
	assert.Equal(t, 2*m, late.OfPanes(window.Lateness(2*m)).Lateness())
	assert.Equal(t, 3, early.OfPanes(window.EarlyCount(3)).Trigger().EarlyCount)
}

// sessionsGrow says that there are no windows of panes for sessions that grow, and what to do.
const sessionsGrow = "window: OfPanes: sessions with Lateness or triggers grow after they were shown, so that a pane takes the place of panes of other windows: " +
	"leave these options out, and take from Late what is late, or make a table of the panes by stream.PaneTable, and group its rows by their windows"

// Each option with which sessions grow is refused.
func TestOfPanesOfSessionsThatGrow(t *testing.T) {
	for _, o := range []window.Option{
		window.Lateness(1), window.EarlyCount(2), window.EarlyEvery(time.Second), window.Once(2),
	} {
		assert.PanicsWithValue(t, sessionsGrow, func() { window.Session(1, o).OfPanes() })
	}
	assert.PanicsWithValue(t, sessionsGrow, func() { window.Session(1, window.EarlyCount(2), window.Discarding()).OfPanes() })
	assert.True(t, window.Session(1).OfPanes().ForPanes())
}
