package engine

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// An instance tells its operator where it is, and of what run.
func TestInstanceKnowsItsPlace(t *testing.T) {
	r := testRun(t)
	n, other := &Node{Name: "n"}, &Node{Name: "other"}
	r.homes = map[*Node]*Node{n: n, other: n}
	r.addStage(n, 3)
	all := r.Stage(n)
	require.Len(t, all, 3)
	for i, pl := range all {
		op := pl.Instance(n)
		require.Equal(t, i, op.Index())
		require.Equal(t, 3, op.Count())
		require.Equal(t, MinTime, op.Begins)
		require.Equal(t, r.Batch, op.BatchSize())
		require.Equal(t, r.Batch, pl.BatchSize())
		require.Equal(t, r.Ctx, op.Ctx())
		require.False(t, op.Checkpointed())
		require.Equal(t, all, pl.Stage(n))
		require.False(t, pl.Continues(n))
		require.True(t, pl.Continues(other))
	}
	r.cut = newCoordination(r)
	require.True(t, all[0].Instance(n).Checkpointed())
	require.True(t, r.Checkpointed())
}

// What instances share is made once: in a run for an input, or in a place for a node.
func TestShared(t *testing.T) {
	r := testRun(t)
	n, m := &Node{}, &Node{}
	r.addStage(n, 2)
	a, b := r.stages[n][0], r.stages[n][1]
	count := 0
	fresh := func() any { count++; return count }
	for _, pl := range []*Place{a, b} {
		e, known := pl.Entrance(n, 0, fresh)
		require.Equal(t, 1, e)
		require.Equal(t, pl == b, known)
	}
	e, _ := a.Entrance(n, 1, fresh)
	require.Equal(t, 2, e)
	for range 2 {
		require.Equal(t, 3, a.Share(n, fresh))
		require.Equal(t, 4, a.Share(m, fresh))
		require.Equal(t, 5, b.Share(n, fresh))
	}
}

type linkFunc func(Control) error

func (f linkFunc) Control(c Control) error { return f(c) }

// Controls go to side outputs first, and no further than one that fails.
func TestSides(t *testing.T) {
	op := &Instance{}
	var told []string
	broken := errors.New("broken")
	var fails string
	side := func(name string) func(Control) error {
		return func(c Control) error {
			require.EqualValues(t, 5, c.Watermark)
			if told = append(told, name); name == fails {
				return broken
			}
			return nil
		}
	}
	op.Side(side("a"))
	op.Side(side("b"))
	next := linkFunc(side("next"))
	require.NoError(t, op.Pass(Control{Kind: Watermark, Watermark: 5}, next))
	require.Equal(t, []string{"a", "b", "next"}, told)
	for want, name := range map[int]string{1: "a", 2: "b", 3: "next"} {
		told, fails = nil, name
		require.Equal(t, broken, op.Pass(Control{Watermark: 5}, next))
		require.Len(t, told, want)
	}
}

// Failures that are skipped are counted; others name the operator and the place of
// the event. The end of a goroutine is no failure of one event.
func TestRefuse(t *testing.T) {
	op := &Instance{Node: &Node{Name: "n"}, stats: &counters{}}
	cause := errors.New("bad")
	failure, always := op.Refuse("a line 3", cause)
	require.Equal(t, &OperatorError{Operator: "n", Position: "a line 3", Err: cause}, failure)
	require.False(t, always)
	op.Node.Skips = true
	failure, always = op.Refuse("a line 3", cause)
	require.NoError(t, failure)
	require.False(t, always)
	failure, always = op.Refuse("a line 3", &GoexitError{})
	require.EqualError(t, failure, "stream: n at a line 3: "+(&GoexitError{}).Error())
	require.True(t, always)
	failure, always = op.Refuse("a line 3", ErrStopped)
	require.Equal(t, ErrStopped, failure)
	require.True(t, always)
	require.EqualValues(t, 3, op.stats.failed.Load(), "what the end of the run has stopped has not failed")

	named := &OperatorError{Operator: "m", Err: cause}
	require.Equal(t, named, op.Failure(named), "the operator that is named already is the one")
	require.Equal(t, ErrStopped, op.Failure(ErrStopped))
	require.EqualError(t, op.Failure(cause), "stream: n: bad")
}

// An event's position is its place in its partition, or else its time.
func TestPosition(t *testing.T) {
	r := testRun(t)
	op := &Instance{Place: &Place{run: r}}
	part := &Partition{Name: "a"}
	require.NoError(t, r.number(part))
	require.Equal(t, "a event 3", op.Position(part.Seq()|3, 5))
	part.Locate = func(position int64) string { return "a line " + string(rune('0'+position)) }
	require.Equal(t, "a line 3", op.Position(part.Seq()|3, 5))
	require.Equal(t, "event time 1970-01-01T00:00:00.000000005Z", op.Position(0, 5))
	require.Empty(t, op.Position(0, MinTime))
}

// What is to be done at the beginning and the end is done in order, and in reverse
// order: at the end all of it, whatever fails, and at the beginning nothing that a
// run which is over would do.
func TestStartAndClose(t *testing.T) {
	r := testRun(t)
	n := &Node{Name: "n"}
	x := r.addStage(n, 1)[0]
	op := r.stages[n][0].Instance(n)
	var calls []string
	call := func(name string, err error) func() error {
		return func() error { calls = append(calls, name); return err }
	}
	broken := errors.New("broken")
	op.OnBegin(call("begin", nil))
	op.OnStart(call("start", nil))
	op.OnStart(func() error { runtime.Goexit(); return nil })
	op.OnStart(call("never", nil))
	op.OnClose(call("close 1", nil))
	op.OnClose(call("close 2", errors.New("another")))
	op.OnClose(call("close 3", broken))
	require.ErrorContains(t, x.open(), "stream: n: the function has ended its goroutine")
	require.EqualError(t, x.close(), "stream: n: broken", "the first one")
	require.Equal(t, []string{"begin", "start", "close 3", "close 2", "close 1"}, calls)
	require.NoError(t, x.close(), "once")

	r.halt.Store(true)
	calls = nil
	require.Equal(t, ErrStopped, x.open())
	require.Equal(t, []string{"begin"}, calls)
	require.True(t, op.Halted())
}
