package stream_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

type (
	soldContext = stream.KeyContext[string, int, string]
	names       = stream.Rules[string, int]
)

func sell(c *soldContext, _ *names, m move) error {
	*c.State() += m.Pieces
	return nil
}

func (m move) rule() stream.Change[int] {
	if m.Pieces == 0 {
		return stream.Change[int]{Kind: stream.Delete}
	}
	return stream.Change[int]{Kind: stream.Update, After: m.Pieces}
}

func tell(c *soldContext, rules *names, id string) error {
	n, is := rules.Get(id)
	at := "no time"
	if !c.Time().IsZero() {
		at = fmt.Sprint(c.Time().Unix())
	}
	c.Emit(fmt.Sprint(c.Key(), " has ", *c.State(), ", ", id, " is ", n, is, " at ", at))
	return nil
}

// ruledMoves holds moves of products against rules, and returns how both are pushed.
func ruledMoves(t *testing.T, shards int, opts ...stream.Option) (moves, rules *streamtest.Input[move], out *streamtest.Output[string], d *streamtest.Driver) {
	t.Helper()
	moves, rules = streamtest.NewInput[move](), streamtest.NewInput[move]()
	p := stream.New("each key")
	out = streamtest.Collect(p.From(moves).KeyBy(move.product).ConnectAll(p.From(rules, stream.Name("rules")).KeyBy(move.product), move.rule, sell, nil, opts...))
	return moves, rules, out, streamtest.Start(t, p, streamtest.Shards(shards))
}

func sortedLines(out *streamtest.Output[string]) []string {
	return slices.Sorted(slices.Values(out.Take()))
}

// A rule without an event time is told at once to all keys that there are, on each shard, and so is one that is taken back.
func TestEachKeyAtOnce(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		moves, rules, out, d := ruledMoves(t, shards, stream.NoWaitForRules(), stream.EachKey(tell))
		rules.Push(move{"first", 1})
		d.Settle()
		require.Empty(t, out.Take(), "there are no keys")
		moves.Push(move{"tea", 3}, move{"salt", 2}, move{"tea", 1}, move{"gone", 5}, move{"gone", -5})
		d.Settle()
		rules.Push(move{"much", 7})
		d.Settle()
		require.Equal(t, []string{"salt has 2, much is 7 true at no time", "tea has 4, much is 7 true at no time"}, sortedLines(out))
		rules.Push(move{"much", 0})
		d.Settle()
		require.Equal(t, []string{"salt has 2, much is 0 false at no time", "tea has 4, much is 0 false at no time"}, sortedLines(out))
		d.Kill()
	}
}

// A rule waits for the watermark, and where the data alone decide comes at their time if its own has passed.
func TestEachKeyInTime(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	moves, rules, out, d := ruledMoves(t, 2, stream.NoWaitForRules(), stream.EachKey(tell))
	moves.PushAt(at(10), move{"tea", 3})
	moves.AdvanceWatermark(at(20))
	d.Settle()
	rules.PushAt(at(5), move{"passed", 7})
	rules.PushAt(at(30), move{"coming", 8})
	d.Settle()
	require.Equal(t, []string{"tea has 3, passed is 7 true at 20"}, out.Take())
	moves.PushAt(at(25), move{"tea", 1})
	moves.AdvanceWatermark(at(30))
	d.Settle()
	require.Empty(t, out.Take(), "more rules of that time may come")
	moves.AdvanceWatermark(at(31))
	d.Settle()
	require.Equal(t, []string{"tea has 4, coming is 8 true at 30"}, out.Take())
	d.Kill()

	moves, rules, out, d = ruledMoves(t, 1, stream.InOrder(), stream.EachKey(tell), stream.TimeToLive(time.Minute))
	moves.PushAt(at(10), move{"tea", 3})
	moves.PushAt(at(50), move{"salt", 4}, move{"tea", 1})
	rules.PushAt(at(50), move{"b", 1}, move{"a", 1}) // in front of the events of their time, by their IDs
	rules.PushAt(at(105), move{"c", 1})
	moves.PushAt(at(70), move{"salt", 1})
	d.Settle()
	require.Empty(t, out.Take())
	moves.End()
	rules.End()
	d.Settle()
	require.Equal(t, []string{"tea has 3, a is 1 true at 50", "tea has 3, b is 1 true at 50"}, out.Take()[:2])
	d.Kill()
}

// What the function does to the state stays, its error stops the run, and one of other types is a panic where the pipeline is built.
func TestEachKeyChangesAndFails(t *testing.T) {
	broken := errors.New("broken")
	moves, rules, out, d := ruledMoves(t, 1, stream.NoWaitForRules(), stream.EachKey(func(c *soldContext, rules *names, id string) error {
		switch id {
		case "forget":
			c.Clear()
		case "double":
			*c.State() *= 2
		case "fail":
			return broken
		}
		return tell(c, rules, id)
	}))
	moves.Push(move{"tea", 3})
	d.Settle()
	for _, id := range []string{"double", "double", "forget", "none"} {
		rules.Push(move{id, 1})
		d.Settle()
	}
	require.Equal(t, []string{"tea has 6, double is 1 true at no time", "tea has 12, double is 1 true at no time", "tea has 12, forget is 1 true at no time"}, out.Take())
	d.Kill()

	p := stream.New("fails")
	when := func(m move) time.Time { return time.Unix(int64(m.Pieces), 0) }
	rule := p.From(source.Slice([]move{{"fail", 5}}), stream.Name("rules")).EventTime(when, stream.Name("times")).KeyBy(move.product)
	p.From(source.Slice([]move{{"tea", 3}, {"tea", 9}})).EventTime(when).KeyBy(move.product).
		ConnectAll(rule, move.rule, sell, nil, stream.InOrder(), stream.SkipFailures(), stream.EachKey(func(*soldContext, *names, string) error { return broken })).
		To(sink.Discard[string]())
	err := p.Run(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "connectall at rule of 1970-01-01T00:00:05Z: broken")
	require.PanicsWithValue(t, "stream: EachKey: the function f is nil", func() { stream.EachKey[string, string, int, int, string](nil) })
	k := stream.New("p").From(source.Slice([]move{})).KeyBy(move.product)
	require.Panics(t, func() {
		k.ConnectAll(k, move.rule, sell, nil, stream.EachKey(func(c *stream.KeyContext[string, int64, string], rules *names, id string) error { return nil }))
	})
}
