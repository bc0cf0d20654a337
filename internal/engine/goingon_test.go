package engine

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A run goes on from the last checkpoint, on any number of shards: each number
// is added and shown once, wherever the run before was cut off.
func TestGoingOn(t *testing.T) { synctest.Test(t, goingOn) }

func goingOn(t *testing.T) {
	broken := errors.New("broken")
	for _, shards := range [][3]int{{1, 1, 1}, {1, 2, 3}, {3, 2, 1}, {2, 128, 2}} {
		a, b, to, store := newTopic("a", upTo(30)...), newTopic("b", 1000), newTarget(), keeper.Memory()
		p := newTallying(to, a, b)
		cfg := p.config(store)
		cfg.Shards = shards[0]
		run := p.start(t, cfg)
		p.takes(t)
		a.put(30, 31, 32) // which come to nothing, as no checkpoint is taken behind them
		synctest.Wait()
		a.fail(broken)
		require.ErrorIs(t, <-run.err, broken)
		require.Equal(t, append(upTo(30), 1000), to.rows())

		p = newTallying(to, a, b)
		cfg = p.config(store)
		cfg.Shards = shards[1]
		run = p.start(t, cfg)
		require.Contains(t, p.log.String(), `"going on from a checkpoint" pipeline=tallying checkpoint=1`)
		require.NotContains(t, p.log.String(), "WARN")
		require.Equal(t, sums(append(upTo(33), 1000)), p.sums())
		for _, x := range p.tallies {
			require.EqualValues(t, 29, x.op.Begins)
		}
		run.stop(t)
		require.Equal(t, append(upTo(33), 1000), to.rows())

		a.put(33)
		p = newTallying(to, a.end(), b.end())
		cfg = p.config(store)
		cfg.Shards = shards[2]
		require.NoError(t, p.plan.Run(t.Context(), cfg))
		require.Equal(t, append(upTo(34), 1000), to.rows())
		require.Equal(t, sums(append(upTo(34), 1000)), p.sums())
		_, open := a.acknowledged()
		require.Zero(t, open)
		require.EqualValues(t, 34, newest(t, store).Sources[0].Count)
	}
}

// Operators begin where they stood: watermarks do not go back, and a partition
// that had ended holds nothing back while it is read to its end again.
func TestWatermarksGoOn(t *testing.T) { synctest.Test(t, watermarksGoOn) }

func watermarksGoOn(t *testing.T) {
	ended, a, store := newTopic("ended", 5).end(), newTopic("a", 40), keeper.Memory()
	p := newTallying(newTarget(), ended, a)
	p.start(t, p.config(store)).stop(t)

	p = newTallying(p.target, ended, a)
	run := p.start(t, p.config(store))
	for _, told := range p.told {
		require.Equal(t, Control{Kind: Watermark, Watermark: 40}, told[0], "each is told before anything is read")
		require.Len(t, told, 1)
	}
	a.put(41)
	synctest.Wait()
	for _, told := range p.told {
		require.EqualValues(t, 41, told[len(told)-1].Watermark)
	}
	run.stop(t)
}

// Partitions keep their numbers from run to run, and new ones come behind all
// that there have been.
func TestPartitionsKeepTheirNumbers(t *testing.T) { synctest.Test(t, keepTheirNumbers) }

func keepTheirNumbers(t *testing.T) {
	a, b, c, d := newTopic("a", 1), newTopic("b", 2), newTopic("c", 3), newTopic("d", 4)
	store := keeper.Memory()
	indices := func(topics ...*topic) map[string]int {
		p := newTallying(newTarget(), topics...)
		p.sink.Committer = nil
		run := p.start(t, p.config(store))
		run.stop(t)
		at := map[string]int{}
		for _, s := range newest(t, store).Sources {
			at[s.Partition] = s.Index
		}
		r := p.plan.run
		for i, part := range r.numbers.all {
			if part != nil {
				require.Equal(t, i, at[part.Name])
				require.Equal(t, part.Name+" event 7", r.locate(part.Seq()|7))
			} else {
				require.Empty(t, r.locate(uint64(i+1)<<SeqBits))
			}
		}
		require.Empty(t, r.locate(7), "of no partition")
		require.Empty(t, r.locate(uint64(len(r.numbers.all)+1)<<SeqBits|7))
		require.LessOrEqual(t, len(r.numbers.all), 4)
		return at
	}
	require.Equal(t, map[string]int{"b": 0, "c": 1}, indices(b, c))
	require.Equal(t, map[string]int{"a": 2, "c": 1}, indices(a, c), "b is gone, and its number stays its own")
	require.Equal(t, map[string]int{"d": 3, "c": 1, "a": 2}, indices(c, d, a))
}

// A run that begins with a savepoint rules out what came after it, and says so
// to itself: a restart goes on from what it has made since.
func TestBeginsWithSavepoint(t *testing.T) { synctest.Test(t, beginsWithSavepoint) }

func beginsWithSavepoint(t *testing.T) {
	a, store := newTopic("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	run := p.start(t, p.config(store))
	id, err := p.plan.Savepoint(t.Context(), "before")
	require.NoError(t, err)
	a.put(2)
	synctest.Wait()
	require.Greater(t, p.takes(t), id)
	run.stop(t)

	// The results of later checkpoints are there, so this would show them again.
	q := newTallying(p.target, a)
	cfg := q.config(store)
	cfg.Savepoint = "before"
	err = q.plan.Run(t.Context(), cfg)
	rewind, ok := errors.AsType[*RewindError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, RewindError{Begins: id, Committed: 2}, *rewind)

	q = newTallying(newTarget(), a.end())
	q.target.newest = id
	cfg.Logger = q.log.logger()
	require.NoError(t, q.plan.Run(t.Context(), cfg))
	require.Equal(t, []int{1, 2}, q.target.rows(), "its own rows are committed again, and what follows comes once more")
	require.Equal(t, sums([]int{1, 2}), q.sums())

	cfg.Savepoint = "after"
	require.ErrorIs(t, q.plan.Run(t.Context(), cfg), keeper.ErrNoSavepoint)
}
