package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A run with Restarts that fails begins again from its last checkpoint: nothing
// is lost, and nothing comes twice.
func TestRunRestarts(t *testing.T) { synctest.Test(t, runRestarts) }

func runRestarts(t *testing.T) {
	away := errors.New("the server is away")
	a := newTopic("a", upTo(4)...)
	p := newTallying(newTarget(), a)
	cfg := p.config(keeper.Memory())
	cfg.Restarts = Restarts{Most: 2, Wait: time.Second}
	run := p.start(t, cfg)
	p.takes(t)
	for n := range 2 {
		a.put(4 + n)
		synctest.Wait()
		a.fail(away)
		synctest.Wait()
		require.Contains(t, p.log.String(), fmt.Sprintf(`"the run has failed and begins again from its last checkpoint" pipeline=tallying restart=%d of=2`, n+1))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, sums(upTo(5+n)), p.sums())
	}
	a.fail(away)
	require.EqualError(t, <-run.err, "stream: count at a: the server is away", "it has failed three times in a row")
	require.Equal(t, upTo(4), p.target.rows())

	a.end()
	require.NoError(t, p.plan.Run(t.Context(), cfg))
	require.Equal(t, upTo(6), p.target.rows())
}

// While a run waits to begin again, the pipeline is running: another Run does not take it away.
func TestWaitingToRestartIsRunning(t *testing.T) { synctest.Test(t, waitingIsRunning) }

func waitingIsRunning(t *testing.T) {
	a := newTopic("a", upTo(4)...)
	p := newTallying(newTarget(), a)
	cfg := p.config(keeper.Memory())
	cfg.Restarts = Restarts{Most: 2, Wait: time.Second}
	run := p.start(t, cfg)
	p.takes(t)
	a.fail(errors.New("the server is away"))
	synctest.Wait()
	require.EqualError(t, p.plan.Run(t.Context(), cfg), `stream: pipeline "tallying" is running already`)
	time.Sleep(2 * time.Second)
	a.end()
	require.NoError(t, <-run.err)
	require.Equal(t, upTo(4), p.target.rows())
	require.NoError(t, p.plan.Run(t.Context(), cfg))
}

// Restarts without a place to begin again from, and other options that mean
// nothing without checkpoints, are errors.
func TestOptionsWithoutCheckpoints(t *testing.T) {
	p := newTallying(newTarget(), newTopic("a").end())
	cfg := p.config(nil)
	p.sink.Committer = nil
	require.NoError(t, p.plan.Run(t.Context(), cfg))
	cfg.Restarts.Most = 1
	require.EqualError(t, p.plan.Run(t.Context(), cfg), `stream: pipeline "tallying" is run with Restarts, but without Checkpoints to begin again from`)
	cfg.Restarts.Most = 0
	cfg.Useless = []string{"FromSavepoint", "DropState"}
	require.EqualError(t, p.plan.Run(t.Context(), cfg), `stream: pipeline "tallying" is run with FromSavepoint and DropState, which means nothing without Checkpoints`)
	cfg.Store = keeper.Memory()
	require.NoError(t, p.plan.Run(t.Context(), cfg))
}

// A restart of a run that began with a savepoint goes on from what it has made
// since, and not from the savepoint again.
func TestRestartBehindSavepoint(t *testing.T) { synctest.Test(t, behindSavepoint) }

func behindSavepoint(t *testing.T) {
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	run := p.start(t, p.config(store))
	_, err := p.plan.Savepoint(t.Context(), "s")
	require.NoError(t, err)
	run.stop(t)

	cfg := p.config(store)
	cfg.Savepoint, cfg.Restarts = "s", Restarts{Most: 1, Wait: time.Second}
	p.target.newest = 1
	run = p.start(t, cfg)
	a.put(2)
	synctest.Wait()
	p.takes(t)
	a.fail(errors.New("away"))
	time.Sleep(time.Second)
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2}), p.sums())
	run.stop(t)
	require.Equal(t, []int{1, 2}, p.target.rows())
}

// A checkpoint that the run has made, and that is gone at its restart, is an error:
// the store is away, or empty.
func TestStoreIsEmptied(t *testing.T) { synctest.Test(t, isEmptied) }

func isEmptied(t *testing.T) {
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	cfg := p.config(store)
	cfg.Restarts = Restarts{Most: 1, Wait: time.Second}
	run := p.start(t, cfg)
	p.takes(t)
	names, err := store.List()
	require.NoError(t, err)
	for _, name := range names {
		require.NoError(t, store.Remove(name))
	}
	a.fail(errors.New("away"))
	require.ErrorContains(t, <-run.err, "checkpoint 1, which this run has made, is not in the store any more")
}

// What each wait is made of: it doubles, up to a minute, and a fifth of it at most
// is taken off by chance.
func TestRestartsWait(t *testing.T) { synctest.Test(t, restartsWait) }

func restartsWait(t *testing.T) {
	r := testRun(t)
	failed := &OperatorError{Operator: "add", Err: errors.New("away")}
	x := Restarts{Most: 100, Wait: 8 * time.Second}
	for failures, most := range []time.Duration{8, 16, 32, 60, 60, 60} {
		least, longest := time.Hour, time.Duration(0)
		for range 50 {
			r.start = time.Now()
			begun, n := time.Now(), failures
			require.NoError(t, x.allow(t.Context(), r, failed, &n))
			require.Equal(t, failures, n)
			least, longest = min(least, time.Since(begun)), max(longest, time.Since(begun))
		}
		most *= time.Second
		require.LessOrEqual(t, longest, most)
		require.Greater(t, longest, most*19/20)
		require.GreaterOrEqual(t, least, most*4/5)
		require.Less(t, least, most*17/20)
	}

	// A run that went on for long enough is a new story.
	for lasted, want := range map[time.Duration]int{calm - 1: 4, calm: 0} {
		r.start = time.Now().Add(-lasted)
		n := 4
		require.NoError(t, Restarts{Most: 5}.allow(t.Context(), r, failed, &n))
		require.Equal(t, want, n)
	}

	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(time.Second, func() { cancel(why) })
	begun := time.Now()
	err := x.allow(ctx, r, failed, new(int))
	require.Equal(t, time.Second, time.Since(begun))
	require.EqualError(t, err, `stream: pipeline "test" was told to stop while it waited to begin again (context canceled: enough), which it had to after: stream: add: away`)
	require.ErrorIs(t, err, why)
	require.ErrorIs(t, err, failed)
}

// What may be over when the next run begins, and what is not.
func TestPasses(t *testing.T) {
	operator := &OperatorError{Operator: "a", Err: io.EOF}
	for _, test := range []struct {
		err          error
		first, again bool
	}{
		{operator, true, true},
		{fmt.Errorf("wrapped: %w", operator), true, true},
		{errors.New("of nobody"), false, false},
		{&storeError{"open", io.EOF}, true, true},
		{&storeError{"open", keeper.ErrDamaged}, false, false},
		{&storeError{"open", keeper.ErrLocked}, false, false},
		{&storeError{"open", keeper.ErrVersion}, false, false},
		{&storeError{"open", keeper.ErrOtherPipeline}, false, false},
		{&storeError{"open", keeper.ErrNoSavepoint}, false, false},
		{&storeError{"open", &keeper.UnreadableError{Damaged: true, Err: io.EOF}}, false, false},
		{&storeError{"open", &keeper.UnreadableError{Err: io.EOF}}, true, true},
		{&OperatorError{Operator: "a", Err: &RewindError{}}, false, false},
		{&OperatorError{Operator: "a", Err: &LostResultsError{}}, false, true},
	} {
		require.Equal(t, test.first, passes(test.err, false), "%v", test.err)
		require.Equal(t, test.again, passes(test.err, true), "%v", test.err)
	}
}
