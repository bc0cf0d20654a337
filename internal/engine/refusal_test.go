package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// Rows that a target refuses are passed on in front of the next barrier; those of
// the last checkpoint are passed on by a run that only does that.
func TestRefusedRowsArePassedOn(t *testing.T) { synctest.Test(t, arePassedOn) }

func arePassedOn(t *testing.T) {
	for _, shards := range []int{1, 2} {
		passedOn(t, shards)
	}
}

func passedOn(t *testing.T, shards int) {
	a, store := newTopic("a", 1, 2, 3), keeper.Memory()
	p := newTallying(newTarget(), a)
	p.shards = shards
	p.picky, p.sink.Diverts = true, func() bool { return true }
	run := p.start(t, p.config(store))
	p.takes(t)
	require.Equal(t, []int{2}, p.target.rows())
	require.Contains(t, p.log.String(), `"rows of a checkpoint are refused and left out" pipeline=tallying operator=write rows=2 first="it is odd"`)
	require.Empty(t, p.refused)
	p.takes(t)
	require.Equal(t, []any{1, 3}, p.refused)
	p.takes(t)
	require.Equal(t, []any{1, 3}, p.refused, "once")

	a.put(4, 5)
	a.end()
	require.NoError(t, <-run.err)
	require.Equal(t, []int{2, 4}, p.target.rows())
	require.Equal(t, []any{1, 3, 5}, p.refused, "a run of its own has passed on the last one")
	require.True(t, newest(t, store).Final)
	require.Zero(t, p.plan.Snapshot().Operators[2][0].Failed, "those that are passed on are no failures that were skipped")
}

// Where failures are skipped, rows that are refused are counted.
func TestRefusedRowsAreCounted(t *testing.T) { synctest.Test(t, areCounted) }

func areCounted(t *testing.T) {
	p := newTallying(newTarget(), newTopic("a", 1, 2, 3).end())
	p.picky, p.sink.Skips = true, true
	require.NoError(t, p.plan.Run(t.Context(), p.config(keeper.Memory())))
	require.Equal(t, []int{2}, p.target.rows())
	require.Empty(t, p.refused)
	require.EqualValues(t, 2, p.plan.Snapshot().Operators[2][0].Failed)

	// Where they are not, all are committed, as they are by a target that refuses none.
	p = newTallying(newTarget(), newTopic("a", 1, 2, 3).end())
	p.picky = true
	require.NoError(t, p.plan.Run(t.Context(), p.config(keeper.Memory())))
	require.Equal(t, []int{1, 2, 3}, p.target.rows())
	require.Contains(t, p.target.called(), "commit 1")
}

// Rows that nobody has passed on, as the sink's task was at its end, are in the
// next checkpoint again.
func TestRefusedRowsAreReclaimed(t *testing.T) { synctest.Test(t, areReclaimed) }

func areReclaimed(t *testing.T) {
	a, b := newTopic("a", 1, 2).end(), newTopic("b", 4)
	p := newTallying(newTarget(), a)
	other := newTallying(newTarget(), b)
	p.picky, p.sink.Diverts = true, func() bool { return true }
	// The second pipeline keeps the run alive: nodes of both are one plan.
	for _, n := range other.plan.Nodes {
		n.Name += " too"
		p.plan.Add(n)
	}
	run := p.start(t, p.config(keeper.Memory()))
	p.takes(t)
	require.Equal(t, []int{2}, p.target.rows())
	p.takes(t)
	require.Contains(t, p.target.called(), "skip 2", "the row that was refused is prepared again")
	require.Empty(t, p.refused, "its task has ended")
	b.end()
	require.NoError(t, <-run.err)
	require.Equal(t, []any{1}, p.refused)
	require.Equal(t, []int{4}, other.target.rows())
}

// A run that only passes on what was refused is no restart: all of those are left,
// should it fail.
func TestPassingOnIsNoRestart(t *testing.T) { synctest.Test(t, isNoRestart) }

func isNoRestart(t *testing.T) {
	p := newTallying(newTarget(), newTopic("a", 1).end())
	p.picky, p.sink.Diverts = true, func() bool { return true }
	p.target.refuses = func() { p.target.fails["committed"] = errors.New("away") }
	cfg := p.config(keeper.Memory())
	cfg.Restarts = Restarts{Most: 1, Wait: time.Second}
	run := p.start(t, cfg)
	require.Contains(t, p.log.String(), "restart=1 of=1")
	p.target.failing("committed", nil)
	require.NoError(t, <-run.err)
	require.Equal(t, []any{1}, p.refused)
}

// A run that only passes on has the partitions of the checkpoint, in their order.
func TestRestedSources(t *testing.T) {
	r, n := testRun(t), &Node{Name: "n"}
	of := func(index int) keeper.Source { return keeper.Source{Index: index} }
	from := &beginning{sources: map[string]map[string]keeper.Source{
		"n": {"a": of(2), "b": of(0), "c": of(3), "d": of(1)}, "m": {"e": of(4)},
	}}
	r.from = from
	_, ok := r.RestedSources(n)
	require.False(t, ok)
	r.resting, r.from = true, nil
	_, ok = r.RestedSources(n)
	require.False(t, ok)
	r.from = from
	all, ok := r.RestedSources(n)
	require.True(t, ok)
	require.Equal(t, []keeper.Source{of(0), of(1), of(2), of(3)}, all)

	r.countFailed(n, 3) // of no instance
}

// A target that fails to skip fails as one that fails to commit.
func TestSkipFails(t *testing.T) {
	broken := errors.New("broken")
	p := newTallying(newTarget(), newTopic("a", 1).end())
	p.picky, p.sink.Skips = true, true
	p.target.failing("skip", broken)
	require.EqualError(t, p.plan.Run(t.Context(), p.config(keeper.Memory())), "stream: write: commit checkpoint 1: broken")
	require.Empty(t, p.target.rows())
}
