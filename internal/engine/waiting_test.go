package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A Read has waited if it gave nothing, if it may wait and gave less than was
// asked for, or if it took longer than reading takes.
func TestWaited(t *testing.T) {
	for _, test := range []struct {
		took    time.Duration
		n, room int
		waits   bool
		want    bool
	}{
		{0, 0, 4, false, true},
		{0, 1, 4, false, false},
		{0, 3, 4, true, true},
		{0, 4, 4, true, false},
		{2 * slowRead, 2, 4, false, false},
		{2*slowRead + 1, 2, 4, false, true},
		{4*slowRead + 1, 4, 4, true, true},
	} {
		require.Equal(t, test.want, waited(test.took, test.n, test.room, test.waits), test)
	}
}

// Time is counted from begin to end, also while it goes on: once it has lasted
// for longer than there is patience for. What is cancelled is not counted.
func TestDuration(t *testing.T) { synctest.Test(t, durations) }

func durations(t *testing.T) {
	r := testRun(t)
	var d duration
	require.Zero(t, d.load(r))
	d.begin(r)
	time.Sleep(time.Second)
	require.Equal(t, time.Second, d.load(r))
	d.end(r)
	time.Sleep(time.Second)
	require.Equal(t, time.Second, d.load(r))
	d.begin(r)
	time.Sleep(time.Second)
	d.cancel()
	require.Equal(t, time.Second, d.load(r))

	d.patience = time.Minute
	d.begin(r)
	time.Sleep(time.Minute)
	require.Equal(t, time.Second, d.load(r), "it may be no waiting at all")
	time.Sleep(time.Nanosecond)
	require.Equal(t, time.Second+time.Minute+1, d.load(r))
	d.end(r)
	require.Equal(t, time.Second+time.Minute+1, d.load(r))
}

// A task is silent for as long as it and all that send to it have waited.
func TestSilence(t *testing.T) { synctest.Test(t, silence) }

func silence(t *testing.T) {
	r := testRun(t)
	source, left := &task{rt: r}, &task{rt: r}
	left.feeds = []*task{source}
	right := &task{rt: r, feeds: []*task{source, left}}
	left.feeds = append(left.feeds, right) // a circle ends
	op := &Instance{Place: &Place{run: r, task: right}}
	all := []*task{source, left, right}
	waiting := func(d time.Duration, tasks ...*task) {
		for _, x := range tasks {
			x.idle.begin(r)
		}
		time.Sleep(d)
		for _, x := range tasks {
			x.idle.end(r)
		}
	}
	s := op.Silence()
	waiting(time.Minute, all...)
	s.Hear()
	require.Equal(t, time.Now(), s.Since)
	require.Zero(t, s.Lasts(), "what was before does not count")
	waiting(time.Second, all...)
	require.Equal(t, time.Second, s.Lasts())
	waiting(time.Hour, left, right)
	require.Equal(t, time.Second, s.Lasts(), "the source was at work")
	waiting(time.Second, source)
	require.Equal(t, 2*time.Second, s.Lasts())
	s.Hear()
	require.Zero(t, s.Lasts())
	require.Len(t, s.tasks, 3)

	// The clock of the run is the limit, and where all is on one goroutine it is all.
	now := time.Now()
	r.Now = func() time.Time { return now }
	s.Hear()
	waiting(time.Second, all...)
	require.Zero(t, s.Lasts())
	now = now.Add(-time.Minute)
	require.Zero(t, s.Lasts(), "a clock that was put back")
	r.sync = true
	s = op.Silence()
	s.Hear()
	now = now.Add(time.Minute)
	require.Equal(t, time.Minute, s.Lasts())
}
