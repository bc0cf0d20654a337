package pattern

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// An event on which a condition fails has not been there: with SkipFailures it is counted, with Divert it goes to the failures.
func TestConditionThatPanics(t *testing.T) {
	p := stream.New("panics")
	in := streamtest.NewInput[ev]()
	var bad stream.Failures[ev]
	seen := func(m *SoFar[ev], v ev) bool {
		if v.N < 0 {
			panic("negative")
		}
		return true
	}
	out := streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key),
		Begin("a", kindOf("ab")).FollowedByAny("b", kindOf("b")).Where(seen), stream.Divert(&bad), stream.Name("ab")))
	lost := streamtest.Collect(bad.Stream(), stream.Name("bad"))
	d := streamtest.Start(t, p)
	in.Push(ev{1, 0, "a", 0, 1}, ev{2, 0, "a", 0, 2}, ev{3, 0, "b", -1, 3}, ev{4, 0, "b", 0, 4}, ev{5, 0, "b", 0, 5})
	in.End()
	d.Settle()
	require.Equal(t, []string{"a: 1; b: 4", "a: 2; b: 4", "a: 1; b: 5", "a: 2; b: 5", "a: 4; b: 5"}, texts(out))
	failed := lost.Take()
	require.Len(t, failed, 1)
	require.Equal(t, 3, failed[0].Value.ID)
	require.ErrorContains(t, failed[0].Err, "negative")
}

func TestConditionThatExits(t *testing.T) {
	p := stream.New("exits")
	in := streamtest.NewInput[ev]()
	streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key), Begin("a", func(ev) bool { runtime.Goexit(); return true })))
	d := streamtest.Start(t, p)
	in.Push(ev{1, 0, "a", 0, 1})
	in.End()
	require.Error(t, d.Try())
}

// An event by which a key would hold more than Limit is a failure that says so, and the partial matches go on without it.
func TestLimit(t *testing.T) {
	pattern := Begin("a", kindOf("a")).OneOrMore().AllowCombinations().FollowedBy("b", kindOf("b")).Limit(20)
	run := func(opts ...stream.Option) ([]string, int64, error) {
		p := stream.New("limit")
		in := streamtest.NewInput[ev]()
		out := streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key), pattern, append(opts, stream.Name("many"))...))
		d := streamtest.Start(t, p)
		for i := range 8 {
			in.Push(ev{i, 7, "a", 0, int64(i)})
		}
		in.Push(ev{8, 7, "b", 0, 8})
		in.End()
		err := d.Try()
		s, _ := p.Stats().Operator("many")
		return texts(out), s.Failed, err
	}
	matches, failed, err := run(stream.SkipFailures())
	require.NoError(t, err)
	require.Len(t, matches, 15, "four events have 15 choices, and the fifth would have 31")
	require.EqualValues(t, 4, failed)
	_, _, err = run()
	require.ErrorIs(t, err, ErrLimit)
	require.ErrorContains(t, err, "many")
	require.ErrorContains(t, err, "partition 0 event 4")
	require.ErrorContains(t, err, "more than 20, and 15 partial matches, of the key 7")
}

// Without event time there is no order.
func TestNoEventTime(t *testing.T) {
	p := stream.New("untimed")
	in := streamtest.NewInput[ev]()
	streamtest.Collect(Match(p.From(in).KeyBy(ev.key), abc()))
	d := streamtest.Start(t, p)
	in.Push(ev{1, 0, "a", 0, 1})
	in.End()
	require.ErrorIs(t, d.Try(), stream.ErrNoTime)
}

func TestNoEvents(t *testing.T) {
	p := stream.New("empty")
	in := streamtest.NewInput[ev]()
	out := streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key), abc().Skip(SkipPastLast())))
	d := streamtest.Start(t, p)
	in.End()
	d.Settle()
	require.Empty(t, out.Take())
}

// What another pattern has held is refused, and says how it differs.
func TestAnotherPattern(t *testing.T) {
	store := checkpoint.Memory()
	build := func(pattern Pattern[ev], opts ...stream.Option) (*stream.Pipeline, *streamtest.Input[ev]) {
		p := stream.New("changed")
		in := streamtest.NewInput[ev]()
		streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key), pattern, append(opts, stream.Name("p"))...))
		in.Push(ev{1, 0, "a", 0, 1}, ev{2, 0, "x", 0, 2})
		return p, in
	}
	for _, p := range []Pattern[ev]{abc().Within(time.Second), abc().Within(time.Second).Limit(7)} {
		p, _ := build(p)
		d := streamtest.Start(t, p, streamtest.Checkpoints(store))
		d.Settle()
		d.Checkpoint()
		d.Kill()
	}
	refused := func(pattern Pattern[ev], opts ...stream.Option) error {
		p, in := build(pattern, opts...)
		in.End()
		return p.Run(t.Context(), stream.Checkpoints(store, time.Hour))
	}
	require.ErrorContains(t, refused(abc().Within(2*time.Second)),
		`partial matches of Begin("a").FollowedBy("b").FollowedBy("c").Within(1s), and the pattern is Begin("a").FollowedBy("b").FollowedBy("c").Within(2s) now`)
	require.ErrorContains(t, refused(abc()), "partial matches of")
	require.ErrorContains(t, refused(abc().Within(time.Second).Skip(SkipPastLast())), "partial matches of")
	var late stream.Side[Matched[int, ev]]
	require.ErrorContains(t, refused(abc().Within(time.Second), TimedOut(&late)), "partial matches of")
	require.NoError(t, refused(abc().Within(time.Second)))
}
