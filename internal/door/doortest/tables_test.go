package doortest_test

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// shownChanges says what becomes of each row of a table, and when.
func shownChanges[V any](t stream.Table[int, V]) stream.Stream[string] {
	return t.Keyed().Process(func(c *stream.KeyContext[int, struct{}, string], v stream.Change[V]) error {
		c.Emit(fmt.Sprint(c.Key(), " at ", c.Time().Unix(), " ", v))
		return nil
	}, nil)
}

// A placed value is one with its rank.
type placed struct {
	Val  int
	Rank int64
}

func (t tick) slot() int                 { return t.ID % 40 }
func valOf(_ int, t tick) int            { return t.Val }
func sameInt(v int) int                  { return v }
func added(m stream.Match[int, int]) int { return 1000*m.Left + m.Right }

func places() over.Selection[tick, placed] {
	return over.Select(over.Rank(func(p *placed, t tick, r over.Ranks) { p.Val, p.Rank = t.Val, r.DenseRank }))
}

func byValue(a, b tick) int { return cmp.Compare(a.Val, b.Val) }

// slots is a table of which rows come, change and go.
func slots(in stream.Stream[tick], opts ...stream.Option) stream.Table[int, tick] {
	return in.KeyBy(tick.slot).ToTable(func(t tick) stream.Change[tick] {
		if t.Val%5 == 0 {
			return stream.Change[tick]{Kind: stream.Delete}
		}
		return stream.Change[tick]{Kind: stream.Update, After: tick{ID: t.ID, Key: t.Key, Val: t.Val}}
	}, opts...)
}

// tablePipes are tables, ranks and patterns. Some have rows that go when they have been silent, where it counts how far partitions came that have ended.
var tablePipes = []pipe{
	{"table, group", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		sums := in.KeyBy(tick.key).AggregateTable(window.Sum(tick.val), stream.TimeToLive(40*time.Second))
		return shownChanges(sums).Merge(shownChanges(sums.GroupBy(func(k, _ int) int { return k % 4 }).Aggregate(window.Sum(sameInt))))
	}},
	{"table, join", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		odd := stream.LatestTable(in.Filter(func(t tick) bool { return t.ID%2 == 1 }).KeyBy(tick.key), stream.TimeToLive(50*time.Second))
		return shownChanges(odd.MapValues(valOf).Join(in.KeyBy(tick.key).AggregateTable(window.Sum(tick.val)), stream.FullOuter, added))
	}},
	{"table, foreign key", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		sums := in.KeyBy(tick.key).AggregateTable(window.Sum(tick.val))
		return shownChanges(slots(in, stream.TimeToLive(90*time.Second)).ForeignKeyJoin(sums, func(_ int, t tick) int { return t.Key }, stream.LeftOuter, func(m stream.Match[tick, int]) int {
			return 1000*m.Left.Val + m.Right
		}))
	}},
	{"table, temporal join", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.slot).TemporalJoin(slots(in), stream.LeftOuter, func(m stream.Match[tick, tick]) string {
			return fmt.Sprint(m.Left.ID, " with ", m.Right.ID)
		})
	}},
	{"table, ranks", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		ordered := slots(in).OrderBy(func(_ int, t tick) int { return t.Key % 3 }, byValue)
		return shownChanges(ordered.TopOver(4, places())).Merge(shownChanges(ordered.Top(1).MapValues(valOf)))
	}},
	{"ranks and frames", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		type framed struct{ ID, Sum, Before int }
		return in.KeyBy(tick.key).Over(over.Select(
			over.Row(func(f *framed, t tick) { f.ID = t.ID }),
			over.Aggregate(over.Range(20*time.Second, 10*time.Second), window.Sum(tick.val), func(f *framed, n int) { f.Sum = n }),
			over.Lag(2, func(f *framed, t tick, _ bool) { f.Before = t.ID }),
		)).Map(func(f framed) string { return fmt.Sprint(f) })
	}},
	{"pattern", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		low, high := func(t tick) bool { return t.Val < 40 }, func(t tick) bool { return t.Val >= 60 }
		var lost stream.Side[pattern.Matched[int, tick]]
		p := pattern.Begin("low", low).OneOrMore().Greedy().FollowedBy("high", high).Within(time.Minute).Skip(pattern.SkipPastLast())
		found := pattern.Match(in.KeyBy(tick.key), p, pattern.TimedOut(&lost)).Map(func(m pattern.Matched[int, tick]) string { return "matched " + matched(m) })
		return found.Merge(lost.Stream().Map(func(m pattern.Matched[int, tick]) string { return "lost " + matched(m) }))
	}},
}

func matched(m pattern.Matched[int, tick]) (text string) {
	text = fmt.Sprint(m.Key)
	for _, g := range m.Groups {
		text += " " + g.Step
		for _, t := range g.Events {
			text += fmt.Sprint(" ", t.ID)
		}
	}
	return text
}

// What shows the state of one process is refused, by the name of the operator that was to show it.
func TestViewsRefused(t *testing.T) {
	var sums, totals stream.View[int, int]
	var ranked stream.View[int, []stream.KeyValue[int, placed]]
	for name, build := range map[string]func(in stream.Stream[tick]){
		"sums": func(in stream.Stream[tick]) {
			in.KeyBy(tick.key).AggregateTable(window.Sum(tick.val), stream.Name("sums"), stream.Expose(&sums)).Changes().To(sink.Discard[stream.Change[int]]())
		},
		"places": func(in stream.Stream[tick]) {
			slots(in).OrderBy(func(_ int, t tick) int { return t.Key }, byValue).TopOver(2, places(), stream.Name("places"), stream.Expose(&ranked)).
				Changes().To(sink.Discard[stream.Change[placed]]())
		},
		"judged": func(in stream.Stream[tick]) {
			in.KeyBy(tick.key).ConnectAll(in.KeyBy(tick.key), func(tick) stream.Change[int] { return stream.Change[int]{Kind: stream.Delete} },
				func(*stream.KeyContext[int, int, int], *stream.Rules[int, int], tick) error { return nil }, nil, stream.Name("judged"), stream.Expose(&totals)).
				To(sink.Discard[int]())
		},
	} {
		p := stream.New("views")
		build(p.From(source.Slice([]tick{{ID: 1}})).EventTime(tick.time))
		_, err := door.Describe(t.Context(), p, door.Config{Shards: 2, Batch: 10, Checkpoints: true})
		require.ErrorContains(t, err, "stream: "+name+" cannot be run by another engine: Expose shows what one process holds")
	}
}
