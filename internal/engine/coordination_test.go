package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A checkpoint is taken each time that Every has passed: what was read before is
// shown then, and acknowledged, and the manifest says how far all have come.
func TestCheckpointsAreTaken(t *testing.T) { synctest.Test(t, areTaken) }

func areTaken(t *testing.T) {
	a, b, store := newTopic("a", upTo(20)...), newTopic("b", -1, 100), keeper.Memory()
	p := newTallying(newTarget(), a, b)
	cfg := p.config(store)
	cfg.Every = 10 * time.Second
	run := p.start(t, cfg)
	begun := time.Now()
	require.Empty(t, p.target.rows(), "nothing is shown before it is durable")
	time.Sleep(10*time.Second - 1)
	synctest.Wait()
	require.Zero(t, p.plan.Snapshot().Checkpoints.Made)
	time.Sleep(time.Nanosecond)
	synctest.Wait()

	require.Equal(t, append(upTo(20), 100), p.target.rows())
	for topic, want := range map[*topic]string{a: "20", b: "2"} {
		offsets, _ := topic.acknowledged()
		require.Equal(t, []string{want}, offsets)
	}
	first := p.plan.Snapshot().Checkpoints
	require.EqualValues(t, 1, first.Made)
	require.EqualValues(t, 1, first.ID)
	require.Zero(t, first.Failed)
	require.Equal(t, begun.Add(10*time.Second), first.At)
	require.Positive(t, first.Written)
	require.Greater(t, first.Bytes, first.Written-1)

	m := newest(t, store)
	require.Equal(t, "tallying", m.Pipeline)
	require.Equal(t, p.plan.run.id, m.Run)
	require.Equal(t, begun.Add(10*time.Second).UTC(), m.Taken.UTC())
	require.Equal(t, 2, m.Shards)
	require.Equal(t, []keeper.Source{
		{Operator: "count", Partition: "a", Offset: "20", Index: 0, Count: 20, Watermark: 19},
		{Operator: "count", Partition: "b", Offset: "2", Index: 1, Count: 1, Watermark: 100},
	}, m.Sources)
	require.Len(t, m.Operators, 2)
	tally := m.Operators[0]
	require.Equal(t, "tally", tally.Name)
	require.Equal(t, "tally", tally.Kind)
	require.EqualValues(t, 10, tally.Keys)
	require.EqualValues(t, 19, tally.Watermark)
	require.Equal(t, []keeper.Setting{{Name: "key", Value: "int64"}, {Name: "state", Value: "int64"}}, tally.Settings)
	require.Empty(t, tally.Instances, "all stand at one watermark")
	require.Equal(t, "write", m.Operators[1].Name)
	require.Empty(t, m.Sinks, "nothing had been shown before it")

	// What has not changed is not written again, and a sink without rows has no transaction.
	time.Sleep(10 * time.Second)
	synctest.Wait()
	second := p.plan.Snapshot().Checkpoints
	require.EqualValues(t, 2, second.Made)
	require.EqualValues(t, 2, second.ID)
	require.Zero(t, second.Written)
	require.Equal(t, first.Bytes, second.Bytes)
	m = newest(t, store)
	require.Equal(t, []keeper.Sink{{Operator: "write", Committed: 1}}, m.Sinks)
	require.Len(t, m.Operators, 1)

	// Of ten keys one has changed.
	a.put(20)
	time.Sleep(10 * time.Second)
	synctest.Wait()
	third := p.plan.Snapshot().Checkpoints
	require.Positive(t, third.Written)
	require.Less(t, third.Written, first.Written/4)
	run.stop(t)
	require.EqualValues(t, 4, p.plan.Snapshot().Checkpoints.Made, "a run that stops takes its last one")
}

// The last checkpoint says whether the sources had come to their ends.
func TestLastCheckpoint(t *testing.T) { synctest.Test(t, lastCheckpoint) }

func lastCheckpoint(t *testing.T) {
	for _, ends := range []bool{false, true} {
		a, store := newTopic("a", 1, 2), keeper.Memory()
		p := newTallying(newTarget(), a, newTopic("b", 3).end())
		run := p.start(t, p.config(store))
		if ends {
			a.end()
			require.NoError(t, <-run.err)
		} else {
			run.stop(t)
		}
		m := newest(t, store)
		require.EqualValues(t, 1, m.ID)
		require.Equal(t, ends, m.Final)
		require.Equal(t, ends, m.Sources[0].Done)
		require.True(t, m.Sources[1].Done, "it had ended before")
		require.Equal(t, []int{1, 2, 3}, p.target.rows())
		offsets, open := a.acknowledged()
		require.Equal(t, []string{"2"}, offsets)
		require.Zero(t, open)
		wm := MaxTime
		if !ends {
			wm = 2
		}
		require.EqualValues(t, wm, m.Operators[0].Watermark)
		for _, x := range p.tallies {
			require.Equal(t, 1, x.saves, "each saves once")
		}
		for _, told := range p.told { // what each sink was told last
			last := Control{Kind: Barrier, id: 1}
			if ends { // it has come to its end before the checkpoint
				last = Control{Kind: Watermark, Watermark: MaxTime}
			}
			require.Equal(t, []Control{last, {Kind: End}}, told[len(told)-2:])
		}
	}
}

// A checkpoint that one of the tasks is too slow for is given up; what its sinks
// had prepared is shown with the next one, once.
func TestCheckpointIsGivenUp(t *testing.T) { synctest.Test(t, isGivenUp) }

func isGivenUp(t *testing.T) {
	slow := make(chan bool)
	a, store := newTopic("a", 0, 1, 2, 3), keeper.Memory()
	p := newTallying(newTarget(), a)
	p.each = func(n int) {
		if n == 4 {
			<-slow
		}
	}
	cfg := p.config(store)
	cfg.GiveUp = 5 * time.Second
	run := p.start(t, cfg)
	a.put(4, 5, 6, 7)
	synctest.Wait()
	begun := time.Now()
	_, err := p.plan.Savepoint(t.Context(), "now")
	require.ErrorIs(t, err, ErrGivenUp)
	require.EqualError(t, err, `stream: savepoint "now" of pipeline "tallying": it did not come about in time`)
	require.Equal(t, 5*time.Second, time.Since(begun))
	synctest.Wait()
	require.Equal(t, checkpointStats{Failed: 1}, p.plan.Snapshot().Checkpoints)
	require.Contains(t, p.log.String(), `"a checkpoint was given up" pipeline=tallying checkpoint=1 cause="it did not come about in time"`)
	require.Empty(t, p.target.rows())

	close(slow)
	synctest.Wait()
	require.EqualValues(t, 2, p.takes(t), "its number is not used again")
	require.Equal(t, upTo(8), p.target.rows())
	stats := p.plan.Snapshot().Checkpoints
	require.EqualValues(t, 1, stats.Made)
	require.EqualValues(t, 1, stats.Failed)
	run.stop(t)
	require.Equal(t, upTo(8), p.target.rows())
}

// A sink may ask for a checkpoint before it is time.
func TestWantCheckpoint(t *testing.T) { synctest.Test(t, wantCheckpoint) }

func wantCheckpoint(t *testing.T) {
	testRun(t).WantCheckpoint() // means nothing to a run without checkpoints
	p := newTallying(newTarget(), newTopic("a", 5))
	run := p.start(t, p.config(keeper.Memory()))
	p.plan.run.WantCheckpoint()
	synctest.Wait()
	require.Equal(t, []int{5}, p.target.rows())
	require.EqualValues(t, 1, p.plan.Snapshot().Checkpoints.Made)
	run.stop(t)
}

// A flaky store fails to write, for a while.
type flaky struct {
	keeper.Store
	fails atomic.Pointer[error]
	only  string // what names begin with that it fails for
}

func (s *flaky) Write(name string, parts ...[]byte) error {
	if err := s.fails.Load(); err != nil && strings.HasPrefix(name, s.only) {
		return *err
	}
	return s.Store.Write(name, parts...)
}

// A store that is away for a while costs a run checkpoints and nothing else,
// unless it is away for the last one.
func TestStoreIsAway(t *testing.T) { synctest.Test(t, isAway) }

func isAway(t *testing.T) {
	away := errors.New("the disk is away")
	a, store := newTopic("a", upTo(4)...), &flaky{Store: keeper.Memory()}
	p := newTallying(newTarget(), a)
	cfg := p.config(store)
	run := p.start(t, cfg)
	store.fails.Store(&away)
	for range 2 {
		_, err := p.plan.Savepoint(t.Context(), "")
		require.ErrorIs(t, err, away)
	}
	store.only = "manifest"
	_, err := p.plan.Savepoint(t.Context(), "")
	require.ErrorIs(t, err, away)
	names, err := store.List()
	require.NoError(t, err)
	require.Empty(t, names, "nothing is left of what was given up")
	store.fails.Store(nil)
	a.put(4, 5)
	synctest.Wait()
	require.EqualValues(t, 4, p.takes(t))
	require.Equal(t, upTo(6), p.target.rows())
	require.EqualValues(t, 3, p.plan.Snapshot().Checkpoints.Failed)

	a.put(6)
	synctest.Wait()
	store.fails.Store(&away)
	run.cancel()
	err = <-run.err
	require.ErrorIs(t, err, away)
	require.ErrorContains(t, err, `the last checkpoint of pipeline "tallying"`)
	require.Equal(t, upTo(6), p.target.rows())
	_, open := a.acknowledged()
	require.Zero(t, open)
}

// Readers are told what is durable within StopTimeout; what they do not take is
// said in the log, and is no failure.
func TestAcknowledging(t *testing.T) { synctest.Test(t, acknowledging) }

func acknowledging(t *testing.T) {
	slow, denied := newTopic("slow", 1), newTopic("denied", 2)
	slow.denies = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	denied.denies = func(context.Context) error { return errors.New("no such offset") }
	last := newTopic("z", 3)
	p := newTallying(newTarget(), denied, slow, last)
	cfg := p.config(keeper.Memory())
	cfg.Grace = 3 * time.Second
	run := p.start(t, cfg)
	begun := time.Now()
	p.takes(t)
	require.Equal(t, 3*time.Second, time.Since(begun))
	require.Contains(t, p.log.String(), `operator=count partition=denied offset=1 cause="no such offset"`)
	require.Contains(t, p.log.String(), `operator=count partition=slow offset=1 cause="context deadline exceeded: the readers have taken longer than StopTimeout to commit"`)
	require.Contains(t, p.log.String(), `operator=count partition=z offset=1 cause="context deadline exceeded: the readers`)
	slow.denies = nil
	run.stop(t)
	offsets, _ := last.acknowledged()
	require.Equal(t, []string{"1"}, offsets)
}

// What is told of a checkpoint is told with its context, once there is one.
func TestContextOfCheckpoints(t *testing.T) {
	c := &coordination{gathering: &gathering{r: testRun(t)}}
	require.Equal(t, c.r.Ctx, c.context())
	var cancel context.CancelFunc
	c.taking, cancel = context.WithCancel(c.r.Ctx)
	defer cancel()
	require.True(t, c.taking == c.context())
}
