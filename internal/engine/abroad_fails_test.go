package engine

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

var errBroken = errors.New("it is broken")

// A source that another engine cannot read is found out when the plan is described.
func TestSourcesNotForOthers(t *testing.T) {
	watch := func(context.Context, *Assignment) error { return nil }
	for _, test := range []struct {
		source  func(opened *Opened) error
		message string // none for a plan that can be run
	}{
		{func(*Opened) error { return errBroken }, "it is broken"},
		{func(o *Opened) error { o.Watch = watch; return nil }, "its partitions come and go while it is read"},
		{func(o *Opened) error { o.Watch, o.Unfixed = watch, "it moves"; return nil }, "another engine: it moves"},
		{func(o *Opened) error { o.Watch, o.Fixed = watch, true; return nil }, ""},
		{func(o *Opened) error { o.Watch, o.Fixed, o.Partitions = watch, true, nil; return nil }, "it has no partition yet"},
		{func(o *Opened) error { o.Fixed, o.Partitions = true, nil; return nil }, ""},
	} {
		j := &abroad{t: t, to: newTarget(), topics: []*topic{driven("a", 1)}, cfg: testConfig()}
		p := j.tallying()
		p.source.Source = func(r *Run) (Opened, error) {
			opened := p.open(r, j.topics)
			return opened, test.source(&opened)
		}
		_, err := p.plan.Describe(t.Context(), j.cfg, true, false, door.From{})
		if test.message == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, test.message)
	}
}

// A batch of another engine has no EventTime behind an exchange, and names the sinks that nothing is committed of.
func TestDescribeOfABatch(t *testing.T) {
	j := &abroad{t: t, to: newTarget(), topics: []*topic{driven("a", 1)}, cfg: testConfig(), deaf: true}
	for committer, want := range map[bool][]string{true: nil, false: {"write"}} {
		p := j.tallying()
		if !committer {
			p.sink.Committer = nil
		}
		plan, err := p.plan.Describe(t.Context(), j.cfg, false, true, door.From{})
		require.NoError(t, err)
		require.Equal(t, want, plan.Uncommitted)
	}
	p := j.tallying()
	p.tally.Kind = "eventtime"
	_, err := p.plan.Describe(t.Context(), j.cfg, false, true, door.From{})
	require.ErrorContains(t, err, "tally cannot be run by another engine: it stands behind an exchange")
	p = j.tallying()
	p.tally.Kind = "eventtime"
	_, err = p.plan.Describe(t.Context(), j.cfg, true, false, door.From{})
	require.NoError(t, err)
}

// What an instance cannot send, read or open is an error of the call that has found it, and not of a later one.
func TestAbroadFails(t *testing.T) {
	open := func(bounded bool) *abroad {
		j := &abroad{t: t, to: newTarget(), topics: []*topic{driven("a", upTo(3)...)}, cfg: testConfig(), deaf: bounded}
		j.describe(bounded, door.From{})
		j.open(nil)
		return j
	}
	source, tally := spot{0, 0}, spot{1, 0}
	for name, fails := range map[string]func(j *abroad) error{
		"a read": func(j *abroad) error {
			j.topics[0].fail(errBroken)
			_, err := j.insts[source].Step()
			return err
		},
		"what is prepared": func(j *abroad) error {
			j.steps(3)
			j.fails = errBroken
			return j.insts[tally].Barrier(1)
		},
		"an end": func(j *abroad) error {
			j.steps(3)
			j.checkpoint(1) // what there is has been prepared
			j.topics[0].end()
			for done := false; !done; {
				var err error
				done, err = j.insts[source].Step()
				require.NoError(t, err)
			}
			last := len(j.queue) - 1
			for _, x := range j.queue[:last] {
				require.NoError(t, j.insts[x.to].Take(x.frame))
			}
			end := j.queue[last]
			j.fails = errBroken
			return j.insts[end.to].Take(end.frame)
		},
	} {
		j := open(false)
		err := fails(j)
		require.ErrorIs(t, err, errBroken, name)
		for _, inst := range j.insts {
			_ = inst.Close()
		}
	}

	j := open(true)
	for _, s := range j.plan.Stages[:2] {
		p := j.tallying()
		refuse := func(op *Instance) { op.NeedsClock("it asks the clock") }
		p.begin, p.reads = refuse, refuse
		_, err := p.plan.OpenForeign(j.cfg, j.opening(&s, 0, nil))
		require.ErrorContains(t, err, "it asks the clock, and in a batch nothing is done by the clock")
	}
	p := j.tallying()
	p.source.Source = func(*Run) (Opened, error) { return Opened{}, errBroken }
	_, err := p.plan.OpenForeign(j.cfg, j.opening(&j.plan.Stages[0], 0, nil))
	require.ErrorIs(t, err, errBroken)
	j.close()
}

// A partition of the plan that the source does not have any more is an error, unless all of it was read.
func TestPartitionsHandedOut(t *testing.T) {
	j := newAbroad(t, 1, false, door.From{}, driven("a", 1))
	p := j.tallying()
	take := func(from map[string]keeper.Source, above, number int, part *Partition) (*Run, error) {
		r := newForeign(p.plan, j.cfg, foreignOf(p.plan, j.opening(&j.plan.Stages[0], 0, nil)))
		defer r.cancel(nil)
		r.foreign.above = above
		r.from = &beginning{sources: map[string]map[string]keeper.Source{"count": from}}
		return r, r.take(p.source, part, door.Partition{Name: "a", Number: number})
	}
	part := func() *Partition { return NewPartition("count", newTopic("a").reader(0)) }
	_, err := take(map[string]keeper.Source{"a": {Done: true}}, 0, 0, nil)
	require.NoError(t, err)
	_, err = take(map[string]keeper.Source{"a": {}}, 0, 0, nil)
	require.ErrorContains(t, err, "does not have this partition any more")
	_, err = take(nil, 0, 0, nil)
	require.ErrorContains(t, err, "does not have this partition any more")
	x := part()
	_, err = take(map[string]keeper.Source{"a": {Index: 6, Offset: "2"}}, 9, 1, x)
	require.NoError(t, err)
	require.Equal(t, 6, x.index, "the one that it had")
	x = part()
	_, err = take(nil, 4, 3, x)
	require.NoError(t, err)
	require.Equal(t, 7, x.index, "none that another one had")
	_, err = take(nil, mostNumbers-1, 1, part())
	require.ErrorIs(t, err, errManyPartitions)
	require.ErrorContains(t, err, "used up 65533: begin it anew")
	_, err = take(nil, 0, mostNumbers, part())
	require.ErrorIs(t, err, errManyPartitions)
	require.NotContains(t, err.Error(), "anew")
}

// A partition that came since the job began is told of, unless it was read to its end before.
func TestUnreadIsTold(t *testing.T) {
	j := newAbroad(t, 1, false, door.From{}, driven("a", 1))
	p := j.tallying()
	log := &log{}
	j.cfg.Logger = log.logger()
	r := newForeign(p.plan, j.cfg, foreignOf(p.plan, j.opening(&j.plan.Stages[0], 0, nil)))
	defer r.cancel(nil)
	a, b := NewPartition("count", newTopic("a").reader(0)), NewPartition("count", newTopic("b").reader(0))
	r.tellUnread(p.source, []*Partition{a})
	require.Empty(t, log.String())
	r.from = &beginning{sources: map[string]map[string]keeper.Source{"count": {"b": {Done: true}}}}
	r.tellUnread(p.source, []*Partition{a, b})
	require.Empty(t, log.String())
	r.from.sources["count"]["b"] = keeper.Source{}
	r.tellUnread(p.source, []*Partition{a, b})
	require.Contains(t, log.String(), "partition=b")
}

// What a run sends to one instance behind it leaves for that one, and not for all.
func TestLeads(t *testing.T) {
	to := &Node{Name: "to"}
	ports := []*Port{{inputKey: inputKey{to, 0}}, {inputKey: inputKey{to, 0}}, {inputKey: inputKey{to, 0}}}
	for only, want := range map[int][]int{-1: {0, 1, 2}, 0: {0}, 2: {2}} {
		f, from := &foreign{}, &Node{Name: "from"}
		var at []int
		for _, s := range f.leads(&Place{task: &task{stage: from}}, ports, only).all {
			at = append(at, s.lane.to)
		}
		require.Equal(t, want, at)
		require.Equal(t, only == -1, f.crossings[0].all)
		require.Same(t, from, f.crossings[0].from)
	}
}
