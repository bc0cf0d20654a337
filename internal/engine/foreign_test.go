package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

// Another engine learns the stages, what leads from one to another, and what is of this process alone.
func TestDescribe(t *testing.T) {
	j := newAbroad(t, 2, false, door.From{}, driven("a", 1), driven("b", 2))
	p := j.plan
	require.NotEmpty(t, p.Fingerprint)
	require.Equal(t, []door.Stage{
		{ID: 0, Kind: door.Source, Name: "count", Operators: []string{"count"}, Instances: 2, Partitions: []door.Partition{{Name: "a"}, {Name: "b", Number: 1, Instance: 1}}},
		{ID: 1, Kind: door.Operator, Name: "tally", Operators: []string{"tally", "write"}, Instances: 2, Keyed: true},
		{ID: 5, Kind: door.Commit, Name: "write commit", Operators: []string{"write"}, Instances: 1},
	}, p.Stages)
	require.Equal(t, []door.Edge{{From: 0, To: 1, All: true}, {From: 1, To: 5, Input: -1, All: true}}, p.Edges)
	require.Equal(t, []any{"tallying", 2, 4, true, false, int64(0)}, []any{p.Name, p.Shards, p.Batch, p.Checkpoints, p.Bounded, p.From})
	require.Empty(t, p.Local)
	for _, x := range j.topics {
		_, open := x.acknowledged()
		require.Zero(t, open)
	}

	other := j.tallying()
	other.tally.Depends("windows", "1h")
	require.NotEqual(t, p.Fingerprint, fingerprint(other.plan))
	_, err := other.plan.OpenForeign(j.cfg, j.opening(&p.Stages[0], 0, nil))
	require.ErrorContains(t, err, "its fingerprint is ")

	local := j.tallying()
	local.source.Local, local.sink.Commits = "it is in memory", "it commits here"
	plan, err := local.plan.Describe(t.Context(), j.cfg, true, false, door.From{})
	require.NoError(t, err)
	require.Equal(t, []door.Local{{Operator: "count", Why: "it is in memory"}, {Operator: "write", Why: "it commits here", Commits: true}}, plan.Local)
	_, err = j.tallying().plan.Describe(t.Context(), j.cfg, false, false, door.From{})
	require.ErrorContains(t, err, "it wants to be told what is safe, and there are no checkpoints")
	j.cannot = errors.New("no codec")
	_, err = j.tallying().plan.Describe(t.Context(), j.cfg, true, false, door.From{})
	require.EqualError(t, err, "stream: count cannot be run by another engine: what it sends to tally cannot be stored: no codec", "once")
	_, err = j.tallying().plan.Describe(t.Context(), j.cfg, true, false, door.From{Store: keeper.Memory()})
	require.ErrorContains(t, err, `stream: find the checkpoint to go on from: there is none of pipeline "tallying"`)
}

// A job of another engine shows what is durable, and goes on from what it has saved with any number of instances, also where it was not told
// that a checkpoint is durable.
func TestAbroad(t *testing.T) {
	for _, shards := range [][2]int{{1, 1}, {2, 3}, {3, 1}} {
		a, b := driven("a", upTo(10)...), driven("b", 100, 101)
		j := newAbroad(t, shards[0], false, door.From{}, a, b)
		j.open(nil)
		j.steps(6)
		all := append(upTo(10), 100, 101)
		require.Equal(t, sums(all), j.sums())
		j.checkpoint(1)
		require.Empty(t, j.to.rows())
		j.complete(1)
		require.ElementsMatch(t, all, j.to.rows())
		offsets, _ := a.acknowledged()
		require.Equal(t, []string{"10"}, offsets)
		for _, inst := range j.insts {
			require.False(t, inst.Ended())
		}

		a.put(10, 11)
		j.steps(3)
		saved := j.checkpoint(2) // which is durable, and nobody is told
		a.put(12)
		j.steps(3)
		j.checkpoint(3) // which is not
		j.close()
		require.ElementsMatch(t, all, j.to.rows())
		all = append(all, 10, 11)

		j.cfg.Shards = shards[1]
		j.describe(false, door.From{})
		j.open(saved)
		require.Equal(t, sums(all), j.sums())
		require.ElementsMatch(t, all, j.to.rows(), "what is in the state is shown")
		require.Contains(t, j.to.called(), "abort 2")
		a.end()
		b.end()
		j.steps(-1)
		j.settle()
		all = append(all, 12)
		require.Equal(t, sums(all), j.sums())
		for at, inst := range j.insts {
			require.True(t, inst.Ended(), "%v", at)
		}
		j.checkpoint(3)
		j.complete(3)
		require.ElementsMatch(t, all, j.to.rows())
		count := int64(0)
		j.each(func(s *door.Stage, at spot) {
			for _, c := range j.insts[at].Counts() {
				if c.Operator == "tally" && s.Kind == door.Operator {
					count += c.In
				}
			}
		})
		require.EqualValues(t, 1, count)
		j.close()
		_, open := a.acknowledged()
		require.Zero(t, open)
	}
}

// A job that has an end commits all of it at its end, in one piece.
func TestBoundedAbroad(t *testing.T) {
	a := driven("a", upTo(10)...).end()
	j := &abroad{t: t, to: newTarget(), topics: []*topic{a}, cfg: testConfig(), deaf: true}
	j.describe(true, door.From{})
	require.True(t, j.plan.Bounded)
	j.open(nil)
	j.steps(-1)
	require.NotEmpty(t, j.advances)
	require.Contains(t, j.advances, int64(MaxTime))
	require.Empty(t, j.to.rows())
	last := spot{5, 0}
	require.True(t, j.insts[last].Ended())
	require.NoError(t, j.insts[last].Barrier(1))
	require.NoError(t, j.insts[last].Complete(1))
	require.ElementsMatch(t, upTo(10), j.to.rows())
	require.ErrorContains(t, j.insts[spot{1, 0}].Barrier(1), "the job was described without")
	for _, inst := range j.insts {
		_ = inst.Close()
	}
}

// A job may go on from a checkpoint of a run in one process; its numbers follow on that one's.
func TestAbroadGoesOnFromARunOfOurs(t *testing.T) {
	a, store := driven("a", upTo(8)...), keeper.Memory()
	j := &abroad{t: t, to: newTarget(), topics: []*topic{a}, cfg: testConfig()}
	p := j.tallying()
	d, err := NewDriver(p.plan, p.config(store))
	require.NoError(t, err)
	require.NoError(t, d.Checkpoint())
	require.NoError(t, d.Close())
	a.put(8, 9)
	j.cfg.Shards = 3
	j.describe(false, door.From{Store: store})
	require.EqualValues(t, 1, j.plan.From)
	j.to.called()
	j.open(nil)
	require.Contains(t, j.to.called(), "commit 1", "what the checkpoint holds, whether it has appeared or not")
	require.Equal(t, sums(upTo(8)), j.sums())
	j.steps(3)
	saved := j.checkpoint(1)
	j.complete(1)
	require.Equal(t, sums(upTo(10)), j.sums())
	require.ElementsMatch(t, upTo(10), j.to.rows())
	require.EqualValues(t, 2, j.to.newest)
	j.close()
	j.open(saved)
	require.Equal(t, sums(upTo(10)), j.sums())
	a.put(10)
	j.steps(3)
	j.checkpoint(2)
	j.complete(2)
	require.EqualValues(t, 3, j.to.newest)
	j.close()

	j.store = nil
	_, err = j.tallying().plan.OpenForeign(j.cfg, j.opening(&j.plan.Stages[1], 0, nil))
	require.ErrorContains(t, err, "this process was not told of the store")
	j.store = keeper.Memory()
	_, err = j.tallying().plan.OpenForeign(j.cfg, j.opening(&j.plan.Stages[1], 0, nil))
	require.ErrorContains(t, err, "has to be reached from here, too")
}

// An instance that is called in another order than it has to be says so, and is good for nothing more.
func TestAbroadInAnotherOrder(t *testing.T) {
	for name, call := range map[string]func(inst door.Instance) error{
		"save": func(inst door.Instance) error { _, err := inst.Save(1); return err },
		"barrier": func(inst door.Instance) error {
			require.NoError(t, inst.Barrier(2))
			return inst.Barrier(2)
		},
		"take": func(inst door.Instance) error { return inst.Take([]byte{9, 9, 9}) },
	} {
		j := newAbroad(t, 2, false, door.From{}, driven("a", 1))
		j.open(nil)
		for at, inst := range j.insts {
			err := call(inst)
			require.Error(t, err, "%s %v", name, at)
			require.Equal(t, err, inst.Barrier(7))
			_ = inst.Close()
		}
	}
	j := newAbroad(t, 1, false, door.From{}, driven("a", 1))
	j.open(nil)
	for at, inst := range j.insts {
		if at.stage > 0 {
			_, err := inst.Step()
			require.ErrorContains(t, err, "reads no source")
		}
		inst.Halt()
		require.ErrorIs(t, inst.Barrier(1), ErrStopped)
		_ = inst.Close()
	}
}
