package engine

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// left returns a store with the checkpoint that a tallying leaves which was told
// to stop.
func left(t *testing.T, p *tallying) keeper.Store {
	store := keeper.Memory()
	p.start(t, p.config(store)).stop(t)
	return store
}

// State that the plan has no operator for, or one of another kind, is an error
// until somebody says that it is not wanted.
func TestStateOfOthers(t *testing.T) { synctest.Test(t, stateOfOthers) }

func stateOfOthers(t *testing.T) {
	a := newTopic("a", 1, 2)
	for _, test := range []struct {
		change  func(p *tallying)
		dropped string // what solves it
		message string // "" for none
	}{
		{func(p *tallying) {}, "", ""},
		{func(p *tallying) { p.tally.Name = "other" }, "tally", `checkpoint 1 holds state of tally, which pipeline "tallying" does not have: see DropState`},
		{func(p *tallying) { p.tally.Kind = "other" }, "tally", `in checkpoint 1 tally is a tally, and in pipeline "tallying" a other: see DropState`},
		{func(p *tallying) { p.source.Name = "other" }, "count", `checkpoint 1 holds state of count, which pipeline "tallying" does not have: see DropState`},
		{func(p *tallying) { p.sink.Name = "other" }, "write", `checkpoint 1 holds state of write, which pipeline "tallying" does not have: see DropState`},
	} {
		store := left(t, newTallying(newTarget(), a))
		p := newTallying(newTarget(), newTopic("a", 1, 2).end())
		p.target.newest = 1
		test.change(p)
		if test.message != "" {
			err := p.plan.Run(t.Context(), p.config(store))
			require.ErrorContains(t, err, test.message)
			require.Empty(t, p.target.called(), "it is not even asked")
		}
		cfg := p.config(store)
		if test.dropped != "" {
			cfg.Dropped = []string{test.dropped}
		}
		require.NoError(t, p.plan.Run(t.Context(), cfg))
		m := newest(t, store)
		require.Equal(t, cfg.Dropped, m.Dropped)

		// A program that still says so goes on all the same, and loses nothing more.
		again := newTallying(p.target, newTopic("a", 1, 2, 3).end())
		test.change(again)
		again.target.newest = m.ID
		require.NoError(t, again.plan.Run(t.Context(), cfg))
		require.Equal(t, cfg.Dropped, newest(t, store).Dropped)
		want := []int{1, 2, 3}
		if test.dropped == "count" { // what was read before counts twice
			want = []int{1, 2, 1, 2, 3}
		}
		if test.dropped == "tally" && test.message != "" { // it began empty behind what was read before
			want = []int{3}
		}
		require.Equal(t, sums(want), again.sums(), test.message)
		if cfg.Dropped != nil {
			cfg.Dropped = nil // nor does it matter once the name is not given any more
			last := newTallying(again.target, newTopic("a", 1, 2, 3).end())
			test.change(last)
			last.target.newest = newest(t, store).ID
			require.NoError(t, last.plan.Run(t.Context(), cfg))
			require.Equal(t, sums(want), last.sums())
			require.Equal(t, []string{test.dropped}, newest(t, store).Dropped, "it is remembered")
		}
	}
}

// A source that is something else now is such an operator, too.
func TestOffsetsOfOthers(t *testing.T) { synctest.Test(t, offsetsOfOthers) }

func offsetsOfOthers(t *testing.T) {
	a := newTopic("a", 1)
	store := left(t, newTallying(newTarget(), a))
	p := newTallying(newTarget(), a)
	p.source.Kind = "other"
	require.EqualError(t, p.plan.Run(t.Context(), p.config(store)), `stream: in checkpoint 1 count is a source, and in pipeline "tallying" a other: see DropState`)
}

// What runs before have dropped is not dropped again, if it is the same operator: of
// what kind, early checkpoints do not say.
func TestDroppedBefore(t *testing.T) {
	for _, test := range []struct {
		kind   string
		before bool
		stays  bool
	}{{"", true, true}, {"", false, false}, {"tally", true, true}, {"other", true, false}, {"tally", false, false}} {
		m := &keeper.Manifest{Groups: state.Groups, Operators: []keeper.Operator{{Name: "tally", Kind: test.kind}}}
		if test.before {
			m.Dropped = []string{"tally"}
		}
		r := testRun(t)
		r.Plan, r.Dropped = newTallying(newTarget()).plan, []string{"tally"}
		require.NoError(t, r.begin(&keeper.Snapshot{Manifest: m}))
		require.Equal(t, test.stays, r.from.operators["tally"] != nil, test)
	}
}

// A name that nothing has is an error, which lists those that there are.
func TestDropOfNothing(t *testing.T) { synctest.Test(t, dropOfNothing) }

func dropOfNothing(t *testing.T) {
	a := newTopic("a", 1)
	p := newTallying(newTarget(), a)
	cfg := p.config(keeper.Memory())
	cfg.Dropped = []string{"nothing"}
	require.EqualError(t, p.plan.Run(t.Context(), cfg), `stream: DropState("nothing"): pipeline "tallying" has no operator of that name, and there is no checkpoint yet. There are count, tally, write`)
	p.sink.Name = "old"
	cfg.Store = left(t, p)
	p = newTallying(newTarget(), a)
	require.EqualError(t, p.plan.Run(t.Context(), cfg), `stream: DropState("nothing"): pipeline "tallying" has no operator of that name, nor does checkpoint 1. There are count, old, tally, write`)
}

// An operator that a checkpoint does not know begins empty, and one without a
// name of its own is warned of: both in the log.
func TestOperatorsThatAreNew(t *testing.T) { synctest.Test(t, operatorsThatAreNew) }

func operatorsThatAreNew(t *testing.T) {
	a := newTopic("a", 1)
	store := left(t, newTallying(newTarget(), a))
	p := newTallying(newTarget(), a)
	p.target.newest = 1
	p.tally.Name, p.tally.Named = "new", false
	cfg := p.config(store)
	cfg.Dropped = []string{"tally"}
	p.start(t, cfg).stop(t)
	require.Contains(t, p.log.String(), `"an operator begins empty: the checkpoint does not know it" pipeline=tallying operator=new`)
	require.Contains(t, p.log.String(), `give these a stream.Name" pipeline=tallying operators=[new]`)
}

// State that cannot be read is an error that says what of and where it lies.
func TestStateThatCannotBeRead(t *testing.T) { synctest.Test(t, cannotBeRead) }

func cannotBeRead(t *testing.T) {
	a := newTopic("a", upTo(20)...)
	store := left(t, newTallying(newTarget(), a))
	p := newTallying(newTarget(), a)
	p.target.newest = 1
	p.sink.Committer = nil
	cfg := p.config(store)
	cfg.Dropped = []string{"write"}
	p.restores = func(*state.Restoring) error { return errors.New("no such field") }
	err := p.plan.Run(t.Context(), cfg)
	require.Error(t, err)
	require.Regexp(t, `^stream: tally: restore the state of checkpoint 1 in state-000000000001-000[012](, state-000000000001-000[012])*: no such field. `+
		`If its types have changed, set them to what they were, or have the state dropped by DropState\("tally"\)$`, err.Error())

	p.restores = func(*state.Restoring) error { panic("too old") }
	require.ErrorContains(t, p.plan.Run(t.Context(), cfg), "panic: too old")
}

// A checkpoint of a later version of state, or with other groups of keys, is not
// read.
func TestForeignCheckpoint(t *testing.T) {
	r := testRun(t)
	snap := &keeper.Snapshot{Manifest: &keeper.Manifest{ID: 4, Groups: state.Groups}}
	require.NoError(t, r.begin(snap))
	snap.Codec = state.Version + 1
	require.EqualError(t, r.begin(snap), "stream: checkpoint 4 is of state version 2, and this program reads up to 1")
	snap.Codec, snap.Manifest.Groups = state.Version, 64
	require.EqualError(t, r.begin(snap), "stream: checkpoint 4 has 64 key groups, and this program 128")
}

// A checkpoint says how many numbers of partitions were given; early ones do not, and
// then it is those of their partitions.
func TestNumbersThatWereGiven(t *testing.T) {
	for said, want := range map[int]int{0: 4, 9: 9} {
		r := testRun(t)
		r.Plan = newTallying(newTarget()).plan
		m := &keeper.Manifest{Groups: state.Groups, Indices: said, Sources: []keeper.Source{{Operator: "count", Index: 3}, {Operator: "count", Partition: "b", Index: 1}}}
		require.NoError(t, r.begin(&keeper.Snapshot{Manifest: m}))
		require.Equal(t, want, r.from.indices)
	}
}
