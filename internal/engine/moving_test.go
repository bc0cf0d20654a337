package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// What watching fails with ends the run, unless it was told to stop; who wants to
// move a partition while a checkpoint is gathered waits as long as he likes.
func TestWatchingFails(t *testing.T) { synctest.Test(t, watchingFails) }

func watchingFails(t *testing.T) {
	p := newRoaming(newTarget(), driven("a", 1))
	run, _ := p.start(t, p.config(keeper.Memory()))
	p.over <- errors.New("the list is away")
	require.EqualError(t, <-run.err, "stream: count: the list is away")

	p = newRoaming(newTarget(), driven("a", 1))
	run, assigned := p.start(t, p.config(keeper.Memory()))
	require.True(t, p.plan.run.keepStill())
	require.False(t, p.plan.run.keepStill())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Equal(t, context.DeadlineExceeded, assigned.Add(ctx, p.part(driven("b"), 0)))
	require.Equal(t, context.DeadlineExceeded, assigned.Remove(ctx, "a"))
	begun := time.Now()
	_, err := p.plan.Savepoint(t.Context(), "")
	require.ErrorIs(t, err, ErrGivenUp, "nor is a checkpoint gathered meanwhile")
	require.Equal(t, time.Minute, time.Since(begun))
	p.plan.run.moveOn()
	require.EqualValues(t, 2, p.takes(t))
	run.stop(t)

	// A source whose partitions come and go has no reader that waits.
	p = newRoaming(newTarget(), newTopic("a"))
	require.ErrorIs(t, p.plan.Run(t.Context(), p.config(keeper.Memory())), errWaits)
}

// A partition of a name that is leaving is waited for, as long as its caller likes.
func TestAddWaitsForWhoLeaves(t *testing.T) { synctest.Test(t, waitsForWhoLeaves) }

func waitsForWhoLeaves(t *testing.T) {
	a, store := driven("a", 1), &flaky{Store: keeper.Memory()}
	p := newRoaming(newTarget(), a)
	run, assigned := p.start(t, p.config(store))
	away := errors.New("away")
	store.fails.Store(&away)
	require.NoError(t, assigned.Remove(t.Context(), "a"))
	synctest.Wait()
	_, open := a.acknowledged()
	require.Equal(t, 1, open, "its checkpoint was given up")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Equal(t, context.DeadlineExceeded, assigned.Add(ctx, p.part(a, 1)))
	store.fails.Store(nil)
	added := make(chan error)
	go func() { added <- assigned.Add(t.Context(), p.part(a, 1)) }()
	p.takes(t)
	require.NoError(t, <-added)
	a.put(2)
	assigned.Ready("a")
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2}), p.sums())
	run.stop(t)
	require.Equal(t, []int{1, 2}, p.target.rows())
}

// Without checkpoints a partition that is removed is closed when the sinks have
// flushed what was read of it, and its reader is told.
func TestRemoveWithoutCheckpoints(t *testing.T) { synctest.Test(t, removeWithout) }

func removeWithout(t *testing.T) {
	a, b := driven("a", 1), driven("b", 2)
	p := newRoaming(newTarget(), a, b)
	p.sink.Committer = nil
	run, assigned := p.start(t, p.config(nil))
	require.NoError(t, assigned.Remove(t.Context(), "a"))
	synctest.Wait()
	durable, open := a.acknowledged()
	require.Zero(t, open)
	require.Equal(t, []string{"1"}, durable)
	require.Nil(t, assigned.named("a"))
	b.shuts = errors.New("broken")
	require.NoError(t, assigned.Remove(t.Context(), "b"))
	require.ErrorContains(t, <-run.err, "stream: count at b: broken")
}

// A watcher is told what comes and goes.
type watcher struct {
	told   []string
	fails  string // on the change behind what it fails
	broken bool   // it fails on any
}

var errWatcher = errors.New("the watcher is broken")

func (w *watcher) PartitionChanged() error {
	w.told = append(w.told, "changed")
	if n := len(w.told); w.broken || n > 1 && w.fails == w.told[n-2] {
		return errWatcher
	}
	return nil
}

func (w *watcher) PartitionAdded(p *Partition) { w.told = append(w.told, "added "+p.Name) }
func (w *watcher) PartitionRemoved(p *Partition) {
	w.told = append(w.told, fmt.Sprint("removed ", p.Local))
}

// Who watches partitions is told of those that come and go, and then that something
// has changed; should it fail on that, the run does.
func TestWatchersSeeThemComeAndGo(t *testing.T) { synctest.Test(t, seeThemComeAndGo) }

func seeThemComeAndGo(t *testing.T) {
	for _, fails := range []string{"", "added c", "removed 0"} {
		p := newRoaming(newTarget(), driven("a", 1), driven("b"))
		w := &watcher{fails: fails}
		p.reads = func(op *Instance) { op.Watch(w) }
		p.shards = 1
		run, assigned := p.start(t, p.config(keeper.Memory()))
		require.NoError(t, assigned.Add(t.Context(), p.part(driven("c"), 0)), "an error is the task's")
		synctest.Wait()
		if fails != "added c" {
			require.NoError(t, assigned.Remove(t.Context(), "a"))
			synctest.Wait()
			at := slices.Index(w.told, "removed 0")
			require.Equal(t, "changed", w.told[at+1])
		}
		at := slices.Index(w.told, "added c")
		require.Equal(t, "changed", w.told[at+1])
		if fails != "" {
			require.ErrorIs(t, <-run.err, errWatcher)
			continue
		}
		require.Equal(t, 0, assigned.named("c").Local, "the last one has the place of who is gone")
		require.Equal(t, 1, assigned.named("b").Local)
		require.NoError(t, assigned.tasks[0].do(t.Context(), func() error { w.broken = true; return nil }))
		require.ErrorIs(t, <-run.err, errWatcher, "nor may it fail where nothing is read")
	}
}

// A partition that its task does not take any more has not been there.
func TestAddToATaskThatHasEnded(t *testing.T) { synctest.Test(t, toATaskThatHasEnded) }

func toATaskThatHasEnded(t *testing.T) {
	p := newRoaming(newTarget(), driven("a", 1))
	run, assigned := p.start(t, p.config(keeper.Memory()))
	assigned.tasks[1].mail.close()
	part := p.part(driven("b"), 0)
	require.Equal(t, ErrStopped, assigned.Add(t.Context(), part))
	require.Equal(t, []int{1, 0}, assigned.count)
	require.Nil(t, assigned.named("b"))
	require.Equal(t, []int{part.index}, p.plan.run.numbers.free)
	require.Len(t, p.plan.Snapshot().Partitions[0], 1)
	assigned.tasks[0].mail.close()
	require.Equal(t, ErrStopped, assigned.Remove(t.Context(), "a"))
	require.Equal(t, []int{1, 0}, assigned.count)
	run.stop(t)
}

// A driver has partitions come and go as a run does, between its steps.
func TestDriverOfPartitionsThatComeAndGo(t *testing.T) {
	a, b := driven("a", 1), driven("b", 2)
	p := newRoaming(newTarget(), a)
	w := &watcher{}
	p.reads = func(op *Instance) { op.Watch(w) }
	p.shards = 1
	d, err := NewDriver(p.plan, p.config(keeper.Memory()))
	require.NoError(t, err)
	require.NoError(t, d.Settle())
	assigned := <-p.assigned
	added := make(chan error)
	go func() { added <- assigned.Add(t.Context(), p.part(b, 0)) }()
	for done := false; !done; {
		require.NoError(t, d.Settle())
		select {
		case err := <-added:
			require.NoError(t, err)
			done = true
		default:
		}
	}
	require.NoError(t, d.Settle())
	require.Equal(t, sums([]int{1, 2}), p.sums())
	require.NoError(t, d.Checkpoint())
	require.Equal(t, []int{1, 2}, p.target.rows())
	w.broken = true
	require.ErrorIs(t, d.Settle(), errWatcher, "also where there is nothing to read")
	require.ErrorIs(t, d.Close(), errWatcher)
}
