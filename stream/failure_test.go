package stream_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// A failing operator has a function that fails on every event of value 2. add
// adds it, named "it", and returns the values of the events that come out.
type failing struct {
	name string
	add  func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int]
}

var errTwo = errors.New("two is wrong")

// no panics on 2.
func no(v int) int {
	if v == 2 {
		panic(errTwo)
	}
	return v
}

func same(v int) int                       { return v }
func second(v int) time.Time               { return time.Unix(int64(v), 0) }
func one(int) string                       { return "one" }
func paned(p stream.Pane[string, int]) int { return p.Value }

var failingOperators = []failing{
	{"filter", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.Filter(func(v int) bool { return no(v) > 0 }, opts...)
	}},
	{"map", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.Map(no, opts...)
	}},
	{"trymap", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.TryMap(func(_ context.Context, v int) (int, error) {
			if v == 2 {
				return 0, errTwo
			}
			return v, nil
		}, opts...)
	}},
	{"flatmap", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.FlatMap(func(v int, emit func(int)) { emit(no(v)) }, opts...)
	}},
	{"tap", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.Tap(func(v int) { no(v) }, opts...)
	}},
	{"split", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		a, b := in.Split(func(v int) bool { return no(v) == 1 }, opts...)
		return a.Merge(b)
	}},
	{"eventtime", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.EventTime(func(v int) time.Time { return second(no(v)) }, as[stream.TimeOption](opts)...)
	}},
	{"keyby", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(no, opts...).Deduplicate(1)
	}},
	{"running aggregate", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(same).Running(window.Sum(no), opts...).
			Map(func(kv stream.KeyValue[int, int]) int { return kv.Value })
	}},
	{"window aggregate", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(one).Window(window.Tumbling(time.Second)).Aggregate(window.Sum(no), opts...).Map(paned)
	}},
	{"session aggregate", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(one).Window(window.Session(time.Millisecond)).Aggregate(window.Sum(no), opts...).Map(paned)
	}},
	{"early aggregate", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(one).Window(window.Tumbling(time.Second, window.EarlyCount(9))).Aggregate(window.Sum(no), opts...).Map(paned)
	}},
	{"count aggregate", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(same).Window(window.ByCount(2)).Aggregate(window.Sum(no), opts...).
			Map(func(p stream.Pane[int, int]) int { return p.Value })
	}},
	{"process", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.KeyBy(same).Process(func(c *stream.KeyContext[int, struct{}, int], v int) error {
			if v == 2 {
				return errTwo
			}
			c.Emit(v)
			return nil
		}, nil, opts...)
	}},
	{"enrich", func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
		return in.Enrich(func(_ context.Context, v int) (int, error) {
			if v == 2 {
				return 0, errTwo
			}
			return v, nil
		}, as[stream.EnrichOption](opts)...)
	}},
}

// as returns options as those of one operator.
func as[O any](opts []stream.Option) (all []O) {
	for _, o := range opts {
		all = append(all, o.(O))
	}
	return all
}

// run runs the operator on 1, 2 and 3 and returns what came out, ascending.
func (f failing) run(t *testing.T, shards int, opts ...stream.Option) ([]int, *stream.Pipeline, error) {
	t.Helper()
	p := stream.New("failing")
	in := p.From(source.Slice([]int{1, 2, 3}), stream.Name("numbers"))
	if f.name != "eventtime" {
		in = in.EventTime(second)
	}
	out := sink.Collect[int]()
	f.add(in, append(opts, stream.Name("it"))...).To(out)
	err := p.Run(t.Context(), stream.Shards(shards))
	got := out.Values()
	slices.Sort(got)
	return got, p, err
}

func TestFailureStopsTheRun(t *testing.T) {
	for _, f := range failingOperators {
		for shards := 1; shards <= 3; shards++ {
			_, _, err := f.run(t, shards)
			var failed *stream.OperatorError
			require.ErrorAs(t, err, &failed, f.name)
			require.ErrorIs(t, err, errTwo, f.name)
			require.Equal(t, "it", failed.Operator, f.name)
			require.Contains(t, failed.Position, "1", "%s: the place of the event", f.name)
		}
	}
}

func TestFailuresAreSkippedAndCounted(t *testing.T) {
	for _, f := range failingOperators {
		for shards := 1; shards <= 3; shards++ {
			got, p, err := f.run(t, shards, stream.SkipFailures())
			require.NoError(t, err, f.name)
			require.Equal(t, []int{1, 3}, got, f.name)
			s, ok := p.Stats().Operator("it")
			require.True(t, ok)
			require.EqualValues(t, 1, s.Failed, f.name)
		}
	}
}

func TestFailuresAreDiverted(t *testing.T) {
	for _, f := range failingOperators {
		for shards := 1; shards <= 3; shards++ {
			var bad stream.Failures[int]
			dead := sink.Collect[stream.Failed[int]]()
			var after stream.Option = stream.Divert(&bad)
			connected := failing{f.name, func(in stream.Stream[int], opts ...stream.Option) stream.Stream[int] {
				out := f.add(in, opts...)
				bad.Stream().To(dead)
				return out
			}}
			got, _, err := connected.run(t, shards, after)
			require.NoError(t, err, f.name)
			require.Equal(t, []int{1, 3}, got, f.name)
			require.Len(t, dead.Values(), 1, f.name)
			letter := dead.Values()[0]
			require.Equal(t, 2, letter.Value, f.name)
			require.Equal(t, "it", letter.Operator, f.name)
			require.ErrorIs(t, letter.Err, errTwo, f.name)
			require.Contains(t, letter.Position, "1", f.name)
		}
	}
}

// Where nobody looks at the failures, the first one stops the run.
func TestDivertedFailuresThatNobodySees(t *testing.T) {
	for _, f := range failingOperators {
		var bad stream.Failures[int]
		_, _, err := f.run(t, 1, stream.Divert(&bad))
		require.ErrorIs(t, err, errTwo, f.name)
	}
}

// A window's function that sees all events fails on a pane, and so does that
// of a co-group; those of joins fail on a match.
func TestFailuresOfPanesAndMatches(t *testing.T) {
	type pane = stream.Pane[int, []int]
	type group = stream.Pane[int, stream.Group[int, int]]
	type match = stream.Match[int, int]
	for shards := 1; shards <= 3; shards++ {
		p := stream.New("failing")
		left := p.From(source.Slice([]int{1, 2, 3})).EventTime(second).KeyBy(same)
		right := p.From(source.Slice([]int{1, 2, 3})).EventTime(second).KeyBy(same)
		second := window.Tumbling(time.Second)

		var panes stream.Failures[pane]
		var groups stream.Failures[group]
		var windowed, interval, asOf, table stream.Failures[match]
		all := sink.Collect[int]()
		results := []stream.Stream[int]{
			left.Window(second).Group(func(p pane) int { return no(p.Value[0]) }, stream.Divert(&panes)).
				Map(func(p stream.Pane[int, int]) int { return p.Value }),
			left.CoGroup(right, second, func(p group) int { return no(p.Value.Right[0]) }, stream.Divert(&groups)).
				Map(func(p stream.Pane[int, int]) int { return p.Value }),
			left.WindowJoin(right, second, stream.Inner, func(m match) int { return no(m.Left) }, stream.Divert(&windowed)).
				Map(func(p stream.Pane[int, int]) int { return p.Value }),
			left.IntervalJoin(right, 0, 0, stream.Inner, func(m match) int { return no(m.Left) }, stream.Divert(&interval)),
			left.AsOfJoin(right, stream.Inner, func(m match) int { return no(m.Left) }, stream.Divert(&asOf)),
			left.TableJoin(right, stream.LeftOuter, func(m match) int { return no(m.Left) }, stream.Divert(&table)),
		}
		stream.Union(results).To(all)
		paneLetters, groupLetters := sink.Collect[stream.Failed[pane]](), sink.Collect[stream.Failed[group]]()
		matchLetters := sink.Collect[stream.Failed[match]]()
		panes.Stream().To(paneLetters)
		groups.Stream().To(groupLetters)
		stream.Union([]stream.Stream[stream.Failed[match]]{windowed.Stream(), interval.Stream(), asOf.Stream(), table.Stream()}).To(matchLetters)
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))

		require.ElementsMatch(t, []int{1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3}, all.Values())
		require.Len(t, paneLetters.Values(), 1)
		require.Equal(t, []int{2}, paneLetters.Values()[0].Value.Value)
		require.Equal(t, "key 2, window 1970-01-01T00:00:02Z to 1970-01-01T00:00:03Z", paneLetters.Values()[0].Position)
		require.Len(t, groupLetters.Values(), 1)
		require.Equal(t, stream.Group[int, int]{Left: []int{2}, Right: []int{2}}, groupLetters.Values()[0].Value.Value)
		require.Len(t, matchLetters.Values(), 4)
		for _, l := range matchLetters.Values() {
			require.Equal(t, 2, l.Value.Left)
		}
	}
}

// Bad record two of three, in a file: two results and one failure that names
// its file, line and byte.
func TestBadRecord(t *testing.T) {
	files := fstest.MapFS{"orders.jsonl": {Data: []byte("{\"id\":1}\n{\"id\":oops}\n{\"id\":3}\n")}}
	type record struct {
		ID int `json:"id"`
	}
	run := func(opts ...stream.Option) ([]record, *stream.Pipeline, error) {
		p := stream.New("bad record")
		out := sink.Collect[record]()
		p.From(source.Files(files, "*", codec.JSON[record]()), append(opts, stream.Name("orders"))...).To(out)
		return out.Values(), p, p.Run(t.Context())
	}
	const where = "orders.jsonl line 2 byte 9"
	_, _, err := run()
	var failed *stream.OperatorError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "orders", failed.Operator)
	require.Equal(t, where, failed.Position)

	_, p, err := run(stream.SkipFailures())
	require.NoError(t, err)
	s, _ := p.Stats().Operator("orders")
	require.EqualValues(t, 1, s.Failed)
	require.EqualValues(t, 2, s.Out)

	var bad stream.Failures[[]byte]
	q := stream.New("diverted")
	good, letters := sink.Collect[record](), sink.Collect[stream.Failed[[]byte]]()
	q.From(source.Files(files, "*", codec.JSON[record]()), stream.Divert(&bad)).To(good)
	bad.Stream().To(letters)
	require.NoError(t, q.Run(t.Context()))
	require.Equal(t, []record{{1}, {3}}, good.Values())
	require.Len(t, letters.Values(), 1)
	require.Equal(t, `{"id":oops}`, string(letters.Values()[0].Value))
	require.Equal(t, where, letters.Values()[0].Position)
}

// The panic of a user's function ends its own run with an error, and hurts
// nobody else in the process.
func TestPanicHurtsNobodyElse(t *testing.T) {
	healthy := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		p := stream.New("healthy")
		numbers := make(chan int)
		go func() {
			defer close(numbers)
			numbers <- 1
			close(begun)
			for i := range 1000 {
				numbers <- i
			}
		}()
		p.From(source.Chan(numbers)).To(sink.Discard[int]())
		healthy <- p.Run(context.Background())
	}()
	<-begun
	for i := range 20 {
		p := stream.New(fmt.Sprint("sick ", i))
		p.From(source.Slice([]int{1, 2, 3})).Map(no).To(sink.Discard[int]())
		var cause *stream.PanicError
		require.ErrorAs(t, p.Run(t.Context()), &cause)
		require.Contains(t, string(cause.Stack), "failure_test.go", "the stack names the function")
	}
	require.NoError(t, <-healthy)
}
