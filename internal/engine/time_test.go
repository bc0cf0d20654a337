package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClamp(t *testing.T) {
	for text, want := range map[string]Time{
		"1970-01-01T00:00:00.000000005Z": 5,
		"1000-01-01T00:00:00Z":           MinTime + 1,
		"1677-09-20T00:00:00Z":           MinTime + 1,
		"2262-04-12T00:00:00Z":           MaxTime,
		"9999-01-01T00:00:00Z":           MaxTime,
	} {
		at, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		require.Equal(t, want, Clamp(at), text)
	}
}

// A watermark that is a day ahead of the clock is noticed, once.
func TestHorizon(t *testing.T) {
	r := testRun(t)
	now, asked := time.Unix(0, 0), 0
	r.Now = func() time.Time { asked++; return now }
	op := &Instance{Place: &Place{run: r}}
	day := Time(24 * time.Hour)
	var h Horizon
	require.False(t, h.Passed(op, -5))
	require.Zero(t, asked)
	require.False(t, h.Passed(op, 5))
	require.False(t, h.Passed(op, day-1))
	require.Equal(t, 1, asked, "the clock is not looked at for what was not far the last time")
	require.False(t, h.Passed(op, MaxTime), "the end is not ahead of anything")
	require.True(t, h.Passed(op, day))
	require.False(t, h.Passed(op, 2*day), "once is enough")

	h = Horizon{}
	require.False(t, h.Passed(op, day-1), "it is not a day yet")
	h = Horizon{}
	require.False(t, h.Passed(op, 1))
	now = now.Add(48 * time.Hour)
	require.False(t, h.Passed(op, 2*day), "the clock has gone on")
	require.True(t, h.Passed(op, 3*day))
}

// Warnings come once a run for each operator and matter, whoever of its instances
// sees it first.
func TestWarnings(t *testing.T) {
	r := testRun(t)
	l := &log{}
	r.Logger = l.logger()
	n, m := &Node{Name: "n"}, &Node{Name: "m"}
	var all []*Instance
	r.addStage(n, 2)
	for _, pl := range r.stages[n] {
		all = append(all, pl.Instance(n), pl.Instance(m))
	}
	times := func(text string) int { return strings.Count(l.String(), text) }
	for range 2 {
		for _, op := range all {
			op.In(1)
			require.Zero(t, times("dropped"))
		}
	}
	all[0].Advance(5)
	all[0].TooLate(3)
	require.Zero(t, times("events are dropped"), "when its next events come")
	for range 2 {
		for _, op := range all[:3:3] {
			op.In(1)
			op.Advance(6)
		}
	}
	require.Equal(t, 1, times("events are dropped"))
	require.Equal(t, 1, times(`pipeline=test operator=n dropped=3 watermark=1970-01-01T00:00:00.000Z`))
	all[2].TooLate(1)
	all[2].In(1)
	require.Equal(t, 1, times("events are dropped"), "another instance has said so")
	all[1].TooLate(1)
	all[1].Advance(7)
	require.Equal(t, 1, times(`operator=m dropped=1`))

	for range 2 {
		all[0].WarnAhead("a.log", 86_400e9)
		all[2].WarnAhead("b.log", 86_400e9)
	}
	require.Equal(t, 1, times("is a day or more ahead of the clock"))
	require.Equal(t, 1, times("partition=a.log watermark=1970-01-02T00:00:00.000Z"))
}

// An EventTime's instances know how far the one has come that is furthest behind,
// and wake those that wait for it.
func TestDrift(t *testing.T) {
	r := testRun(t)
	var g DriftGroup
	op := &Instance{Place: &Place{run: r}}
	a, b := op.Join(&g), op.Join(&g)
	moved := r.drifted()
	wakes := func(want bool) {
		t.Helper()
		select {
		case <-moved:
			require.True(t, want)
		default:
			require.False(t, want)
		}
		moved = r.drifted()
	}
	require.Equal(t, MinTime, a.Low())
	a.Set(Reach{Low: 7})
	wakes(true)
	require.Equal(t, MinTime, a.Low())
	b.Set(Reach{Low: 9})
	wakes(true)
	require.Equal(t, Time(7), b.Low())
	a.Set(Reach{Low: 7})
	wakes(false)
	b.Set(Reach{Low: 3})
	wakes(false)
	require.Equal(t, Time(3), a.Low())

	// Where no instance waits for a partition, they know how far one had come, unless nobody is idle or one holds back.
	a.Set(Reach{Low: MaxTime, High: 12, Idle: true})
	require.Equal(t, Reach{Low: 3, High: 12, Idle: true}, b.All())
	b.Set(Reach{Low: MaxTime, High: 20})
	require.Equal(t, Time(20), a.All().Silent())
	a.Set(Reach{Low: MaxTime, High: 12})
	require.Equal(t, MinTime, a.All().Silent(), "all have ended, and others may come")
	a.Set(Reach{Low: MaxTime, High: 12, Idle: true})
	b.Set(Reach{Low: MaxTime, High: 20, Held: true})
	require.Equal(t, MinTime, a.All().Silent(), "one was stopped short of its end")

	// The next run begins anew.
	c := (&Instance{Place: &Place{run: testRun(t)}}).Join(&g)
	c.Set(Reach{Low: 50})
	require.Equal(t, Time(50), c.Low())
}
