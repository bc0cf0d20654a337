package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A savepoint is a checkpoint with a name, which the run under way takes at once.
func TestSavepoint(t *testing.T) { synctest.Test(t, savepoint) }

func savepoint(t *testing.T) {
	const none = `stream: savepoint "x" of pipeline "tallying": no run with checkpoints is under way`
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	refused := func() {
		t.Helper()
		_, err := p.plan.Savepoint(t.Context(), "x")
		require.EqualError(t, err, none)
		require.ErrorIs(t, err, ErrNoRun)
	}
	refused()
	cfg := p.config(nil)
	p.sink.Committer = nil
	run := p.start(t, cfg)
	refused()
	run.stop(t)

	p = newTallying(newTarget(), a)
	run = p.start(t, p.config(store))
	id, err := p.plan.Savepoint(t.Context(), "x")
	require.NoError(t, err)
	require.EqualValues(t, 1, id)
	require.Equal(t, "x", newest(t, store).Savepoint)
	require.False(t, newest(t, store).Final)
	require.Equal(t, []int{1}, p.target.rows())

	run.stop(t)
	refused()
}

// A caller whose context ends is told so, whether the run has heard of the
// savepoint or not.
func TestSavepointIsNotWaitedFor(t *testing.T) { synctest.Test(t, isNotWaitedFor) }

func isNotWaitedFor(t *testing.T) {
	a, gate := newTopic("a", 1, 2), make(chan bool)
	p := newTallying(newTarget(), a)
	p.each = func(n int) {
		if n == 2 {
			<-gate
		}
	}
	run := p.start(t, p.config(keeper.Memory()))
	impatient := errors.New("no patience")
	for _, name := range []string{"heard", "unheard"} {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, impatient)
		_, err := p.plan.Savepoint(ctx, name)
		require.EqualError(t, err, `stream: savepoint "`+name+`" of pipeline "tallying": context deadline exceeded: no patience`)
		require.ErrorIs(t, err, impatient)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		cancel()
	}
	close(gate)
	synctest.Wait()
	require.EqualValues(t, 1, p.plan.Snapshot().Checkpoints.Made, "the first one has come about all the same")
	run.stop(t)
}

// A run that ends over a savepoint says that there is none.
func TestRunEndsOverSavepoint(t *testing.T) { synctest.Test(t, endsOverSavepoint) }

func endsOverSavepoint(t *testing.T) {
	a, gate := newTopic("a", 1, 2), make(chan bool)
	p := newTallying(newTarget(), a, newTopic("b"))
	p.each = func(n int) {
		if n == 2 {
			<-gate
			panic("two")
		}
	}
	run := p.start(t, p.config(keeper.Memory()))
	errs := make(chan error)
	for range 2 { // one that is being taken, and one that waits for it
		go func() {
			_, err := p.plan.Savepoint(context.Background(), "x")
			errs <- err
		}()
		synctest.Wait()
	}
	close(gate)
	for range 2 {
		err := <-errs
		require.Error(t, err)
		require.True(t, errors.Is(err, ErrNoRun) || errors.Is(err, ErrStopped), "%v", err)
	}
	require.ErrorContains(t, <-run.err, "panic: two")
}
