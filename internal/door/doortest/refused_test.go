package doortest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

type unstorable struct {
	ID   int
	Call func()
}

// What another engine cannot run is refused before anything runs, with the operator's name and why.
func TestRefused(t *testing.T) {
	one := func(p *stream.Pipeline) stream.Stream[tick] { return p.From(source.Slice([]tick{{ID: 1}})) }
	for name, x := range map[string]struct {
		build func(p *stream.Pipeline)
		wants string
	}{
		"a type without codec": {func(p *stream.Pipeline) {
			one(p).Map(func(t tick) unstorable { return unstorable{ID: t.ID} }, stream.Name("calls")).Rebalance().To(sink.Discard[unstorable]())
		}, "stream: calls cannot be run by another engine: what it sends to rebalance cannot be stored: "},
		"state of a type without codec": {func(p *stream.Pipeline) {
			one(p).KeyBy(tick.key).Process(func(c *stream.KeyContext[int, unstorable, int], t tick) error { return nil }, nil).To(sink.Discard[int]())
		}, "stream: process cannot be saved in a checkpoint: "},
		"a view": {func(p *stream.Pipeline) {
			var v stream.View[int, int]
			one(p).KeyBy(tick.key).Running(window.Sum(tick.val), stream.Expose(&v), stream.Name("sums")).To(sink.Discard[stream.KeyValue[int, int]]())
		}, "stream: sums cannot be run by another engine: Expose shows what one process holds"},
		"drift": {func(p *stream.Pipeline) {
			one(p).EventTime(tick.time, stream.MaxDrift(time.Minute)).To(sink.Discard[tick]())
		}, "stream: eventtime cannot be run by another engine: it bounds how far partitions may be apart"},
		"silence behind an exchange": {func(p *stream.Pipeline) {
			one(p).Rebalance().EventTime(tick.time, stream.Idle(time.Minute)).To(sink.Discard[tick]())
		}, "stream: eventtime cannot be run by another engine: it wants to know how long the stages before it have waited"},
		"event time behind a merge": {func(p *stream.Pipeline) {
			one(p).Merge(one(p)).EventTime(tick.time).To(sink.Discard[tick]())
		}, "stream: eventtime cannot be run by another engine: it stands behind a Merge"},
		"rows that are refused when they are committed": {func(p *stream.Pipeline) {
			one(p).Map(func(t tick) string { return "" }).To(&ledger{}, stream.SkipFailures(), stream.Name("books"))
		}, "stream: books cannot be run by another engine: rows that are refused when they are committed are not handed back"},
		"nothing consumed": {func(p *stream.Pipeline) { one(p) }, "source"},
	} {
		p := stream.New("refused")
		x.build(p)
		_, err := door.Describe(t.Context(), p, door.Config{Shards: 2, Batch: 10, Checkpoints: true})
		require.ErrorContains(t, err, x.wants, name)
	}
	p := stream.New("cancelled")
	one(p).To(sink.Discard[tick]())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := door.Describe(ctx, p, door.Config{Shards: 1, Batch: 10})
	require.ErrorIs(t, err, context.Canceled)
	for _, c := range []door.Config{{Shards: 0, Batch: 1}, {Shards: 129, Batch: 1}, {Shards: 1, Batch: 0}} {
		_, err := door.Describe(t.Context(), p, c)
		require.ErrorContains(t, err, "want 1 to 128, and 1 to 1048576")
	}
}

// nowhere is where frames get lost.
type nowhere struct{}

func (nowhere) Send(int, int, []byte) error { return nil }

func tumbling(parts [][]tick) *stream.Pipeline {
	p := stream.New("one")
	timed(p, parts).KeyBy(tick.key, stream.Name("by key")).Window(window.Tumbling(10 * time.Second)).Aggregate(window.Sum(tick.val)).Map(pane).To(&ledger{})
	return p
}

// opens returns how instances of a plan are opened.
func opens(t testing.TB, p *stream.Pipeline) (*door.Plan, func(kind door.Kind, change func(*door.Opening)) (door.Instance, error)) {
	plan, err := door.Describe(t.Context(), p, door.Config{Shards: 2, Batch: 10, Checkpoints: true})
	require.NoError(t, err)
	return plan, func(kind door.Kind, change func(*door.Opening)) (door.Instance, error) {
		for _, s := range plan.Stages {
			if s.Kind == kind {
				o := door.Opening{Plan: plan, Stage: s.ID, Partitions: s.Partitions, Output: nowhere{}}
				if change != nil {
					change(&o)
				}
				return door.Open(p, o)
			}
		}
		return nil, fmt.Errorf("no stage is a %s", kind)
	}
}

// A checkpoint of a job that was described without is an error: what operators of the caller's own have would not be in it.
func TestCheckpointOfNone(t *testing.T) {
	p := tumbling([][]tick{{{ID: 1}}})
	plan, open := opens(t, p)
	plan.Checkpoints = false
	x, err := open(door.Operator, nil)
	require.NoError(t, err)
	require.ErrorContains(t, x.Barrier(5), "the job was described without: give flink.Run the option Checkpoints")
	require.NoError(t, x.Close())
}

// What an instance is handed that is not its own is an error, and never a wrong result.
func TestOpenedWrongly(t *testing.T) {
	p := tumbling([][]tick{{{ID: 1}}})
	plan, open := opens(t, p)
	saved := map[door.Kind]*door.State{}
	for _, kind := range []door.Kind{door.Source, door.Operator, door.Commit} {
		x, err := open(kind, nil)
		require.NoError(t, err)
		require.NoError(t, x.Barrier(5))
		_, err = x.Save(6)
		require.ErrorContains(t, err, "has seen the barrier of 5")
		require.NoError(t, x.Close())

		x, err = open(kind, nil)
		require.NoError(t, err)
		require.NoError(t, x.Barrier(5))
		saved[kind], err = x.Save(5)
		require.NoError(t, err)
		require.ErrorContains(t, x.Barrier(5), "behind that of 5")
		require.NoError(t, x.Close())
	}
	_, err := open(door.Operator, func(o *door.Opening) { o.Rest = [][]byte{saved[door.Source].Rest} })
	require.ErrorContains(t, err, "state of source was handed to aggregate")
	_, err = open(door.Operator, func(o *door.Opening) { o.Rest = [][]byte{saved[door.Operator].Rest} })
	require.ErrorContains(t, err, "is of 2 instances, and 1 are there")
	_, err = open(door.Source, func(o *door.Opening) { o.Rest = [][]byte{saved[door.Source].Rest[1:]} })
	require.Error(t, err)
	_, err = open(door.Source, func(o *door.Opening) { o.Partitions = []door.Partition{{Name: "gone"}} })
	require.ErrorContains(t, err, "gone: the source does not have this partition any more")
	_, err = open(door.Source, func(o *door.Opening) {
		o.Rest, o.Partitions = [][]byte{saved[door.Source].Rest}, []door.Partition{{Name: "slice 1"}}
	})
	require.ErrorContains(t, err, "slice 1: the source does not have this partition any more")
	moved, err := open(door.Source, func(o *door.Opening) { // it keeps the number that was saved
		o.Rest, o.Partitions = [][]byte{saved[door.Source].Rest}, []door.Partition{{Name: "slice 0", Number: 1}}
	})
	require.NoError(t, err)
	require.NoError(t, moved.Close())
	_, err = open(door.Source, func(o *door.Opening) { o.Index = 7 })
	require.ErrorContains(t, err, "has no instance 7 of stage")
	_, err = door.Open(tumbling([][]tick{{{ID: 1}}, {{ID: 2}}}), door.Opening{Plan: plan})
	require.ErrorContains(t, err, "is not the one of the job")

	whole := *plan
	for i, corrupt := range []func(*door.Plan){
		func(p *door.Plan) { p.Shards = 3 },
		func(p *door.Plan) { p.Shards = 1000 },
		func(p *door.Plan) { p.Stages[0].ID = 99 },
		func(p *door.Plan) { p.Stages[1].ID = p.Stages[0].ID },
		func(p *door.Plan) { p.Stages[1].Kind = door.Commit },
		func(p *door.Plan) { p.Stages[0].Instances = 1 << 20 },
		func(p *door.Plan) { p.Stages = p.Stages[1:] },
		func(p *door.Plan) { p.Edges = p.Edges[1:] },
		func(p *door.Plan) { p.Edges[0].All = false },
		func(p *door.Plan) { p.Edges[0].Input = 7 },
		func(p *door.Plan) { p.Edges[0].From = p.Edges[0].To },
		func(p *door.Plan) { p.Edges[0].To = 99 },
	} {
		*plan = whole
		plan.Stages, plan.Edges = slices.Clone(whole.Stages), slices.Clone(whole.Edges)
		stage := plan.Stages[1].ID
		corrupt(plan)
		_, err := door.Open(p, door.Opening{Plan: plan, Stage: stage, Output: nowhere{}})
		require.Error(t, err, "corruption %d", i)
	}
	*plan = whole

	again, err := open(door.Commit, func(o *door.Opening) { o.Rest = [][]byte{saved[door.Commit].Rest} })
	require.NoError(t, err)
	require.ErrorContains(t, again.Barrier(5), "behind that of 5")
	require.NoError(t, again.Close())
}

// Whatever frame comes, it is an error or a batch, and never a panic.
func FuzzTake(f *testing.F) {
	var frames [][]byte
	p := tumbling(ticks(newRand(3), true))
	_, open := opens(f, p)
	x, err := open(door.Source, func(o *door.Opening) { o.Output = keeps{&frames} })
	require.NoError(f, err)
	for done := false; !done; {
		done, err = x.Step()
		require.NoError(f, err)
	}
	require.NoError(f, x.Close())
	for i, b := range frames {
		if i%10 == 0 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, open := opens(t, p)
		x, err := open(door.Operator, nil)
		require.NoError(t, err)
		_ = x.Take(b)
		require.NoError(t, x.Close())
	})
}

// keeps has all frames that were sent.
type keeps struct{ all *[][]byte }

func (k keeps) Send(_, _ int, b []byte) error {
	*k.all = append(*k.all, append([]byte(nil), b...))
	return nil
}
