package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// The committer is asked what it has shown before anything else, and before each
// checkpoint; it commits what is durable, and aborts what came after the
// checkpoint that a run begins with.
func TestCommitterIsCalled(t *testing.T) { synctest.Test(t, committerIsCalled) }

func committerIsCalled(t *testing.T) {
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	run := p.start(t, p.config(store))
	require.Equal(t, []string{"committed 0", "abort 0"}, p.target.called())
	p.takes(t)
	require.Equal(t, []string{"committed 0", "commit 1"}, p.target.called())
	p.takes(t)
	require.Equal(t, []string{"committed 1"}, p.target.called(), "there is nothing to commit")
	run.stop(t)
	require.Equal(t, []string{"committed 1", "close 1"}, p.target.called())

	// What a checkpoint holds is committed again, as nobody knows whether it was.
	a.put(2)
	p = newTallying(p.target, a)
	p.start(t, p.config(store)).stop(t)
	require.Equal(t, []string{"committed 1", "abort 3", "committed 1", "commit 4", "close 4"}, p.target.called())
	p = newTallying(p.target, a.end())
	require.NoError(t, p.plan.Run(t.Context(), p.config(store)))
	require.Equal(t, []string{"committed 4", "commit 4", "abort 4", "committed 4", "close 4"}, p.target.called())
	require.Equal(t, []int{1, 2}, p.target.rows())
}

// A run whose results were not committed, though its checkpoint is durable, ends:
// the next one commits them.
func TestCommitFails(t *testing.T) { synctest.Test(t, commitFails) }

func commitFails(t *testing.T) {
	full := errors.New("the table is full")
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	p.target.failing("commit", full)
	run := p.start(t, p.config(store))
	_, err := p.plan.Savepoint(t.Context(), "")
	require.ErrorIs(t, err, full)
	err = <-run.err
	require.EqualError(t, err, "stream: write: commit checkpoint 1: the table is full")
	require.Empty(t, p.target.rows())
	require.EqualValues(t, 1, newest(t, store).ID)

	require.ErrorIs(t, p.plan.Run(t.Context(), p.config(store)), full, "nor does it begin as long as that lasts")
	p.target.failing("commit", nil)
	a.end()
	require.NoError(t, p.plan.Run(t.Context(), p.config(store)))
	require.Equal(t, []int{1}, p.target.rows())
}

// What a committer fails with names the sink, and ends the run before or after.
func TestCommitterFails(t *testing.T) { synctest.Test(t, committerFails) }

func committerFails(t *testing.T) {
	broken := errors.New("broken")
	for call, message := range map[string]string{
		"open":      "stream: write: broken",
		"committed": "stream: write: broken",
		"abort":     "stream: write: abort: broken",
		"close":     "stream: write: broken",
		"prepare":   "stream: write: prepare: broken",
	} {
		a := newTopic("a", 1)
		p := newTallying(newTarget(), a.end())
		p.target.failing(call, broken)
		err := p.plan.Run(t.Context(), p.config(keeper.Memory()))
		require.EqualError(t, err, message, call)
		require.ErrorIs(t, err, broken)
		_, open := a.acknowledged()
		require.Zero(t, open, call)
		calls := p.target.called()
		if call != "open" {
			require.Contains(t, calls[len(calls)-1], "close", call)
		}
	}
}

// Results that would come twice, and results that are missing, are errors before
// anything is shown or removed.
func TestPlaceIsNotAsItWas(t *testing.T) { synctest.Test(t, isNotAsItWas) }

func isNotAsItWas(t *testing.T) {
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	run := p.start(t, p.config(store))
	p.takes(t)
	a.put(2)
	synctest.Wait()
	p.takes(t)
	run.stop(t)
	p.target.called()

	empty := newTarget()
	err := newTallying(empty, a).plan.Run(t.Context(), p.config(store))
	lost, ok := errors.AsType[*LostResultsError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, LostResultsError{Begins: 3, Shown: 2}, *lost)
	require.Equal(t, []string{"committed 0", "close 0"}, empty.called())

	p.target.marker = "the file"
	err = p.plan.Run(t.Context(), p.config(keeper.Memory()))
	rewind, ok := errors.AsType[*RewindError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, RewindError{Committed: 2, Marker: "the file"}, *rewind)
	require.Equal(t, []string{"committed 2", "close 2"}, p.target.called())

	// The same while a run is under way: no later checkpoint is made then.
	a.put(3)
	p = newTallying(p.target, a)
	run = p.start(t, p.config(store))
	p.target.newest = 4
	_, err = p.plan.Savepoint(t.Context(), "")
	rewind, ok = errors.AsType[*RewindError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, RewindError{Begins: 3, Committed: 4, Marker: "the file"}, *rewind)
	require.ErrorContains(t, <-run.err, "stream: checkpoint 4: ")
	require.EqualValues(t, 3, newest(t, store).ID)
	run = p.start(t, func() Config { p.target.newest = 2; return p.config(store) }())
	p.target.newest = 1
	_, err = p.plan.Savepoint(t.Context(), "")
	lost, ok = errors.AsType[*LostResultsError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, LostResultsError{Begins: lost.Begins, Shown: 2, Committed: 1, Marker: "the file"}, *lost)
	require.Error(t, <-run.err)
	require.Equal(t, []int{1, 2}, p.target.rows())
}

// The errors say what has come about, and what is to be done.
func TestErrorsOfPlaces(t *testing.T) {
	for _, test := range []struct {
		err  error
		text string
	}{
		{&RewindError{Committed: 4}, "the run begins empty, but the results of checkpoint 4 are there: they would come twice; who wants that removes what the sink has noted of it"},
		{&RewindError{Begins: 3, Committed: 4, Marker: "the file m"}, "the run begins with checkpoint 3, but the results of checkpoint 4 are there: they would come twice; who wants that has the file m hold 3"},
		{&LostResultsError{Begins: 9, Shown: 8}, "the results up to checkpoint 8 had been shown before checkpoint 9 was made, and now there are none: put back what is missing; who wants to go on without it has what the sink has noted of it hold 8"},
		{&LostResultsError{Begins: 9, Shown: 8, Committed: 1, Marker: "m"}, "the results up to checkpoint 8 had been shown before checkpoint 9 was made, and now there are those up to checkpoint 1: put back what is missing; who wants to go on without it has m hold 8"},
		{&OperatorError{Operator: "sum", Err: context.Canceled}, "stream: sum: context canceled"},
		{&OperatorError{Operator: "sum", Position: "a line 7", Err: context.Canceled}, "stream: sum at a line 7: context canceled"},
		{&PanicError{Value: 7}, "panic: 7"},
		{&PanicError{Value: 7, Where: "/x.go:3"}, "panic: 7 (/x.go:3)"},
		{&storeError{"open", errors.New("no")}, "stream: open: no"},
	} {
		require.EqualError(t, test.err, test.text)
	}
	require.ErrorIs(t, &PanicError{Value: context.Canceled}, context.Canceled)
	require.NotErrorIs(t, &PanicError{Value: 7}, context.Canceled)
}
