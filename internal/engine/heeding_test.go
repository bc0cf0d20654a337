package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Who watches partitions is told when one has a new watermark of its own and when
// it ends; who heeds silence, after each read.
func TestWatchersAreTold(t *testing.T) {
	for _, test := range []struct {
		heeds bool
		told  int
	}{{false, 3}, {true, 5}} {
		plan := func() (*readerPlan, Config) {
			p := newReaderPlan(driven("a", 1, 2, 2, 2, -1, 7).end())
			p.begin = func(op *Instance) {
				op.Watch(p)
				if test.heeds {
					op.HeedSilence()
				}
			}
			cfg := testConfig()
			cfg.Batch, cfg.Shards = 2, 1
			return p, cfg
		}
		p, cfg := plan()
		require.NoError(t, p.plan.Run(t.Context(), cfg))
		require.Equal(t, test.told, p.changes)
		require.Equal(t, []int{1, 2, 2, 2, 7}, p.got)

		broken := errors.New("broken")
		for n := 1; n <= test.told; n++ { // whichever it fails on ends the run
			p, cfg = plan()
			p.changing = func(changes int) error {
				if changes == n {
					return broken
				}
				return nil
			}
			require.ErrorIs(t, p.plan.Run(t.Context(), cfg), broken)
			require.Equal(t, n, p.changes)
		}
	}
}

// What the stage fails with on a control ends the run, whichever it is.
func TestControlsFail(t *testing.T) {
	broken := errors.New("broken")
	for _, fails := range []Control{{Kind: Watermark, Watermark: 2}, {Kind: Watermark, Watermark: MaxTime}, {Kind: End}} {
		p := newReaderPlan(driven("a", 1, 2).end())
		p.fails = func(c Control) error {
			if c == fails {
				return broken
			}
			return nil
		}
		cfg := testConfig()
		cfg.Shards = 1
		require.ErrorIs(t, p.plan.Run(t.Context(), cfg), broken)
		require.Equal(t, fails, p.told[len(p.told)-1], "nothing follows")
		require.NotContains(t, p.born, int64(0), "each says when it began")
	}
}

// What waits downstream is sent on behind a batch that is not full, and where the
// next read may wait behind each. What gave nothing is not passed on.
func TestBatchesAreSentOn(t *testing.T) {
	for waits, want := range map[bool]int{false: 3, true: 5} {
		a := newTopic("a", 1, 2, 3, 4, 5).end()
		a.waits = waits
		p := newReaderPlan(a)
		flushed := 0
		p.begin = func(op *Instance) {
			x := op.Place.task
			x.flushers = append(x.flushers, func() error { flushed++; return nil })
		}
		cfg := testConfig()
		cfg.Batch, cfg.Shards = 2, 1
		require.NoError(t, p.plan.Run(t.Context(), cfg))
		require.Equal(t, want, flushed)
		require.Equal(t, 3, p.entry.passes)
	}
	p := newReaderPlan(driven("a", -1, -1).end())
	require.NoError(t, p.plan.Run(t.Context(), testConfig()))
	require.Equal(t, 1, p.entry.passes, "records that are no events are passed on, too")
}

// The context of a read is one for as long as nothing ends it, and is over with
// the source.
func TestContextOfReads(t *testing.T) { synctest.Test(t, contextOfReads) }

func contextOfReads(t *testing.T) {
	a, b := newTopic("a", 1), newTopic("b")
	p := newReaderPlan(a, b)
	done := make(chan error)
	go func() { done <- p.plan.Run(t.Context(), testConfig()) }()
	synctest.Wait()
	first := p.entry.ctx
	a.put(2)
	synctest.Wait()
	require.True(t, first == p.entry.ctx)
	require.NoError(t, first.Err())
	a.end()
	synctest.Wait()
	require.Error(t, first.Err())
	b.end()
	require.NoError(t, <-done)
}

// In one step each partition is asked until one has something.
func TestPartitionsAreAskedInTurn(t *testing.T) {
	p := newReaderPlan(driven("a"), driven("b"), driven("c", 5), driven("d", 6))
	cfg := testConfig()
	cfg.Shards = 1
	d, err := NewDriver(p.plan, cfg)
	require.NoError(t, err)
	d.step(d.r.tasks[0])
	require.Equal(t, []int{5}, p.got)
	require.NoError(t, d.Settle())
	require.Equal(t, []int{5, 6}, p.got)
	require.NoError(t, d.Close())
}

// A partition that had ended in the run before holds the watermark back again once
// it has given something.
func TestRestingPartition(t *testing.T) {
	a, b := driven("a"), driven("b")
	p := newReaderPlan(a, b)
	cfg := testConfig()
	cfg.Shards = 1
	d, err := NewDriver(p.plan, cfg)
	require.NoError(t, err)
	resting := p.op.Partitions()[0]
	resting.Resting, resting.Promised = true, 5
	tell := func(x *topic, n int, want ...Time) {
		t.Helper()
		p.told = nil
		x.put(n)
		require.NoError(t, d.Settle())
		require.Equal(t, want, p.watermarks())
	}
	tell(b, 60, 60)
	tell(a, 50)
	require.False(t, resting.Resting)
	tell(b, 70)
	tell(a, 80, 70)
	require.NoError(t, d.Close())
}

// A read that takes no longer than reading does is no waiting, for a reader that
// does not wait; while it goes on nobody knows yet.
func TestReadingIsNoWaiting(t *testing.T) { synctest.Test(t, isNoWaiting) }

func isNoWaiting(t *testing.T) {
	for _, test := range []struct{ takes, idle time.Duration }{{4 * slowRead, 0}, {4*slowRead + 1, 4*slowRead + 1}} {
		a := driven("a", 1, 2, 3, 4).end()
		a.slow = test.takes
		p := newReaderPlan(a)
		cfg := testConfig()
		cfg.Shards, cfg.Batch = 1, 4
		p.begin = func(*Instance) { time.Sleep(time.Hour) } // the run was made long before
		done := make(chan error)
		go func() { done <- p.plan.Run(t.Context(), cfg) }()
		time.Sleep(time.Hour + 4*slowRead)
		synctest.Wait()
		require.Zero(t, p.plan.Snapshot().Operators[0][0].Idle)
		require.NoError(t, <-done)
		require.Equal(t, test.idle, p.plan.Snapshot().Operators[0][0].Idle)
		require.Equal(t, test.takes-test.idle, p.plan.Snapshot().Operators[0][0].Busy)
	}
}

// A task that is never without work does what is due by the clock as well, between
// two batches.
func TestBusyTaskHeedsTheClock(t *testing.T) { synctest.Test(t, heedsTheClock) }

func heedsTheClock(t *testing.T) {
	broken := errors.New("broken")
	for _, fails := range []error{nil, broken} {
		p := newTallying(newTarget(), newTopic("a", upTo(40)...).end(), newTopic("b").end())
		p.sink.Committer = nil
		x := ringing(5*time.Second/2, 10*time.Second)
		x.rung(fails)
		p.shards = 1
		p.each = func(int) { time.Sleep(time.Second) }
		p.begin = func(op *Instance) { op.Wake(x) }
		err := p.plan.Run(t.Context(), p.config(nil))
		require.ErrorIs(t, err, fails)
		rings := x.rung(nil)
		if fails != nil {
			require.Len(t, rings, 1)
			continue
		}
		require.Len(t, rings, 4)
		for i, at := range rings { // as soon as the batch at hand is done
			require.InDelta(t, 5*time.Second/2+time.Duration(i)*10*time.Second, at, float64(4*time.Second))
		}
	}
}

// Closing fails with the first error of the readers of a task, and closes all.
func TestReadersFailToClose(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	for _, test := range []struct{ a, b, want error }{{first, second, first}, {nil, second, second}, {first, nil, first}} {
		a, b := driven("a").end(), driven("b").end()
		a.shuts, b.shuts = test.a, test.b
		p := newReaderPlan(a, b)
		cfg := testConfig()
		cfg.Shards = 1
		err := p.plan.Run(t.Context(), cfg)
		require.EqualError(t, err, "stream: count: "+test.want.Error())
		for _, x := range []*topic{a, b} {
			_, open := x.acknowledged()
			require.Zero(t, open)
		}
	}
}

// A partition whose reader says that it is not waited for holds nothing back until it
// gives something again; where none is waited for, neither is the task.
func TestReadersSayThatTheyAreIdle(t *testing.T) {
	a, b := driven("a"), driven("b")
	p := newReaderPlan(a, b)
	cfg := testConfig()
	cfg.Shards = 1
	d, err := NewDriver(p.plan, cfg)
	require.NoError(t, err)
	tell := func(change func(), want ...Control) {
		t.Helper()
		p.told = nil
		change()
		require.NoError(t, d.apart(d.settle)) // without the round behind it
		require.Equal(t, want, p.told)
	}
	to := func(wm Time) Control { return Control{Kind: Watermark, Watermark: wm} }
	tell(func() { a.put(10) })
	tell(func() { b.idle = true }, to(10))
	tell(func() { b.idle = false; a.put(12) }, to(12)) // which it is until it gives something
	tell(func() { a.idle = true }, Control{Kind: Idle})
	tell(func() {})
	tell(func() { b.put(30) }, to(30))
	tell(func() { a.idle = false; a.put(40) })
	tell(func() { b.idle = true }, to(40))
	tell(func() { a.put(50) }, to(50))
	tell(func() { b.idle = false; b.put(45) })
	tell(func() { a.put(60); b.put(55) }, to(55))
	require.NoError(t, d.Close())
}
