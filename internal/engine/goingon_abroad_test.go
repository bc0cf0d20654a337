package engine

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
)

// A committer goes on from a state: what had begun to appear is committed again, what is older appears already, and
// nobody else has committed meanwhile.
func TestCommitsGoOn(t *testing.T) {
	j := newAbroad(t, 1, false, door.From{}, driven("a", 1))
	commit := &j.plan.Stages[2]
	part := func(id int64, row string) pendingPart { return pendingPart{id, [][]byte{[]byte(row)}} }
	state, err := pack(&rest{Version: foreignVersion, Checkpoint: 4, Stage: "write", Count: 1, Shown: 2, Pending: []pendingPart{part(2, "[2]"), part(3, "[3]"), part(4, "[4]"), part(5, "[5]")}})
	require.NoError(t, err)
	open := func() door.Instance {
		j.to = newTarget()
		j.to.newest = 3
		inst, err := j.tallying().plan.OpenForeign(j.cfg, j.opening(commit, 0, map[int][]*door.State{commit.ID: {{Rest: state}}}))
		require.NoError(t, err)
		require.Equal(t, []string{"committed 3", "commit 3", "commit 4", "abort 4"}, j.to.called())
		return inst
	}
	inst := open()
	require.ErrorContains(t, inst.Barrier(4), "behind that of 4")
	require.NoError(t, inst.Close())

	inst = open()
	require.NoError(t, inst.Barrier(6))
	j.to.newest = 6
	_, err = inst.Save(6)
	var rewind *RewindError
	require.ErrorAs(t, err, &rewind)
	require.NoError(t, inst.Close())
}

// An instance goes on behind the checkpoint that it was opened with, with the numbers of its partitions, and what its operators have whole.
func TestInstancesGoOn(t *testing.T) {
	j := newAbroad(t, 1, false, door.From{}, driven("a", 1))
	source, tally := &j.plan.Stages[0], &j.plan.Stages[1]
	state, err := pack(&rest{Version: foreignVersion, Checkpoint: 4, Stage: "count", Count: 1, Above: 3, Numbered: 7, Listed: listed(j.plan)})
	require.NoError(t, err)
	saved := map[int][]*door.State{source.ID: {{Rest: state}}}
	inst, err := j.tallying().plan.OpenForeign(j.cfg, j.opening(source, 0, saved))
	require.NoError(t, err)
	require.NoError(t, inst.Barrier(5))
	s, err := inst.Save(5)
	require.NoError(t, err)
	var x rest
	require.NoError(t, unpack(s.Rest, &x))
	require.Equal(t, []int{3, 4}, []int{x.Above, x.Numbered}, "of one partition")
	require.NoError(t, inst.Close())
	inst, err = j.tallying().plan.OpenForeign(j.cfg, j.opening(source, 0, saved))
	require.NoError(t, err)
	require.ErrorContains(t, inst.Barrier(4), "behind that of 4")
	_ = inst.Close()

	state, err = pack(&rest{Version: foreignVersion, Checkpoint: 4, Stage: "tally", Count: 1, Operators: []restOperator{
		{Name: "tally", Kind: "tally", Whole: []byte("whole")}, {Name: "write", Kind: "sink"}}})
	require.NoError(t, err)
	o := j.opening(tally, 0, map[int][]*door.State{tally.ID: {{Rest: state}}})
	p := j.tallying().plan
	r := newForeign(p, j.cfg, foreignOf(p, o))
	defer r.cancel(nil)
	require.Len(t, r.foreign.crossings, 1)
	require.NoError(t, r.beginForeign(&o))
	require.Equal(t, [][]byte{[]byte("whole")}, r.from.operators["tally"].whole)
	require.Empty(t, r.from.operators["write"].whole)
}

// A reader is told of each checkpoint that is durable, as long as sixteen later ones have not been saved.
func TestUnsaidCheckpoints(t *testing.T) {
	for later, want := range map[int64]int{mostUnsaid - 1: 1, mostUnsaid: 0} {
		a := driven("a", 1)
		j := newAbroad(t, 1, false, door.From{}, a)
		j.open(nil)
		for id := range 1 + later {
			j.checkpoint(id + 1)
		}
		require.NoError(t, j.insts[spot{0, 0}].Complete(1))
		offsets, _ := a.acknowledged()
		require.Len(t, offsets, want, fmt.Sprint(later, " later ones"))
		j.close()
	}
}
