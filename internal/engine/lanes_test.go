package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// lanesTo opens lanes from a task to each of n others, which tell what they get.
func lanesTo(t *testing.T, n int) (lanes *Lanes, from *task, arrive func() [][]message) {
	r := testRun(t)
	a := &Node{Name: "a", Source: noSource}
	b := &Node{Name: "b", Inputs: []*Node{a}}
	from = r.addStage(a, 1)[0]
	to := r.addStage(b, n)
	var ports []*Port
	for _, pl := range r.stages[b] {
		ports = append(ports, pl.Port(b, 0, func(Control) error { return nil }))
	}
	lanes = r.stages[a][0].Lanes(ports, -1)
	return lanes, from, func() [][]message {
		all := make([][]message, n)
		for i, x := range to {
			for m, l := x.inbox.next(false); l != nil; m, l = x.inbox.next(false) {
				all[i] = append(all[i], m)
			}
		}
		return all
	}
}

func watermark(wm Time) message {
	return message{ctl: Control{Kind: Watermark, Watermark: wm}}
}

// Of many watermarks the last one is sent, in front of what comes behind it and
// behind what came before; and at once if nothing follows.
func TestWatermarksAreHeld(t *testing.T) {
	lanes, from, arrive := lanesTo(t, 2)
	both := func(all ...message) {
		t.Helper()
		require.Equal(t, [][]message{all, all}, arrive())
	}
	for wm := range Time(watermarksHeld - 1) {
		require.NoError(t, lanes.Control(watermark(wm).ctl))
	}
	both()
	require.NoError(t, lanes.Control(watermark(50).ctl))
	both(watermark(50))
	require.NoError(t, lanes.Control(watermark(51).ctl))
	both()
	barrier, end := message{ctl: Control{Kind: Barrier, id: 3}}, message{ctl: Control{Kind: End}}
	require.NoError(t, lanes.Control(barrier.ctl))
	both(watermark(51), barrier)
	require.NoError(t, lanes.Control(watermark(MaxTime).ctl))
	both(watermark(MaxTime)) // nothing is gained by holding the last one
	require.NoError(t, lanes.Control(watermark(52).ctl))
	require.NoError(t, lanes.Control(watermark(MaxTime).ctl))
	both(message{ctl: Control{Kind: Came, Watermark: 52}}, watermark(MaxTime)) // which says how far it was
	require.NoError(t, lanes.Control(end.ctl))
	both(end)

	// A task that has nothing to do sends all that waits.
	require.NoError(t, from.quiet())
	both()
	require.NoError(t, lanes.Control(watermark(60).ctl))
	fresh := func(home chan Parcel) Parcel { return numbered{1, cap(home)} }
	require.Equal(t, numbered{1, laneDepth + 2}, lanes.Begin(0, fresh))
	require.True(t, lanes.Filling(0))
	require.False(t, lanes.Filling(1))
	require.NoError(t, from.quiet())
	require.Equal(t, [][]message{{{batch: numbered{1, laneDepth + 2}}, watermark(60)}, {watermark(60)}}, arrive())
	require.False(t, lanes.Filling(0))
	lanes.all[1].home <- numbered{2, 2}
	require.Equal(t, numbered{2, 2}, lanes.Begin(1, fresh), "one that has come back is filled again")
	require.NoError(t, from.quiet())
	require.Equal(t, [][]message{nil, {{batch: numbered{2, 2}}}}, arrive())
	lanes.Begin(0, fresh)
	require.NoError(t, lanes.Ship(0))
	require.NoError(t, lanes.Ship(1), "nothing is in it")
	require.Equal(t, [][]message{{{batch: numbered{1, laneDepth + 2}}}, nil}, arrive())
}

// A sender hears that the run is over, wherever it is held back.
func TestSendersHearOfTheEnd(t *testing.T) {
	lanes, from, _ := lanesTo(t, 2)
	fresh := func(chan Parcel) Parcel { return numbered{} }
	for range laneDepth {
		lanes.Begin(0, fresh)
		require.NoError(t, lanes.Ship(0))
	}
	from.rt.cancel(errors.New("broken"))
	lanes.Begin(0, fresh)
	require.Equal(t, ErrStopped, lanes.Ship(0))
	lanes.Begin(0, fresh)
	require.Equal(t, ErrStopped, from.quiet())
	lanes.Begin(0, fresh)
	require.Equal(t, ErrStopped, lanes.Control(Control{Kind: End}))
	require.NoError(t, lanes.Control(watermark(1).ctl), "it is held")
	require.Equal(t, ErrStopped, lanes.Control(Control{Kind: End}))
	require.NoError(t, lanes.Control(watermark(1).ctl))
	require.Equal(t, ErrStopped, from.quiet())
}

// A stage with more tasks than anybody sends to has seen the end in those.
func TestPortWithoutSenders(t *testing.T) {
	r := testRun(t)
	n := &Node{Name: "n"}
	x := r.addStage(n, 1)[0]
	var told []Control
	broken := errors.New("broken")
	var fails controlKind = Barrier
	p := r.stages[n][0].Port(n, 0, func(c Control) error {
		if told = append(told, c); c.Kind == fails {
			return broken
		}
		return nil
	})
	require.NoError(t, x.open())
	require.Equal(t, []Control{{Kind: Watermark, Watermark: MaxTime}, {Kind: End}}, told)
	require.Zero(t, x.ports)
	done, err := x.step(true)
	require.NoError(t, err)
	require.True(t, done)
	for _, fails = range []controlKind{Watermark, End} {
		require.Equal(t, broken, p.open())
	}
}

// A watermark that stands for several tells when the first of them that was of a batch was read.
func TestHeldWatermarksAreAsOldAsTheFirst(t *testing.T) {
	lanes, from, arrive := lanesTo(t, 1)
	hold := func(born ...int64) {
		for i, at := range born {
			require.NoError(t, lanes.Control(Control{Kind: Watermark, Watermark: Time(i), Born: at}))
		}
		require.NoError(t, from.quiet())
	}
	for _, test := range []struct {
		born []int64
		want int64
	}{{[]int64{5, 9}, 5}, {[]int64{11}, 11}, {[]int64{12, 0}, 12}, {[]int64{0, 13, 14}, 13}} {
		hold(test.born...)
		want := Control{Kind: Watermark, Watermark: Time(len(test.born) - 1), Born: test.want}
		require.Equal(t, [][]message{{{ctl: want}}}, arrive())
	}
}

// A task sends to all ports of an entrance or to one of them, and a port knows which tasks of this process feed it.
func TestLanesToOnePort(t *testing.T) {
	r := testRun(t)
	a := &Node{Name: "a", Source: noSource}
	b := &Node{Name: "b", Inputs: []*Node{a}}
	from := r.addStage(a, 1)[0]
	to := r.addStage(b, 3)
	var ports []*Port
	for _, pl := range r.stages[b] {
		ports = append(ports, pl.Port(b, 0, func(Control) error { return nil }))
	}
	for only := range 3 {
		require.Len(t, r.stages[a][0].Lanes(ports, only).all, 1)
		require.Equal(t, []*task{from}, to[only].feeds)
	}
	ports[0].lane(nil)
	require.Len(t, to[0].feeds, 1)
}
