package lifecycle_test

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

const firingKeys = 40

func inTurn(i int64) int64     { return i % firingKeys }
func itself(i int64) int64     { return i }
func add(a, b int64) int64     { return a + b }
func show[T any](v T) string   { return fmt.Sprint(v) }
func seventh(p keyCount) int64 { return p.Key % 7 }
func itselfIs(i int64) bool    { return i > 0 }
func everyThird(i int64) bool  { return i/firingKeys%3 == 0 }
func number(s stream.Match[int64, int64]) string {
	return fmt.Sprint(s.Left, s.Right, s.HasLeft, s.HasRight)
}

type (
	keyCount = stream.Pane[int64, int64]
	paired   = pattern.Matched[int64, int64]
)

func counts(spec window.Spec) func(stream.Stream[int64]) stream.Stream[string] {
	return func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Window(spec).Count().Map(show[keyCount])
	}
}

// firings are operators that have much to do when a watermark comes, of forty
// events a second, each of a key of its own.
var firings = map[string]func(stream.Stream[int64]) stream.Stream[string]{
	"cumulating": counts(window.Cumulating(10*time.Minute, time.Second)),
	"sliding":    counts(window.Sliding(time.Minute, time.Second)),
	"lateness":   counts(window.Sliding(time.Minute, time.Second, window.Lateness(time.Minute))),
	"early":      counts(window.Tumbling(time.Second, window.EarlyCount(1000))),
	"sessions":   counts(window.Session(time.Second)),
	"windows of windows": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Window(window.Tumbling(time.Second)).Count().
			KeyBy(seventh).Window(window.Sliding(time.Minute, time.Second)).Count().Map(show[keyCount])
	},
	"numbers of windows": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Window(window.Tumbling(time.Second)).Count().
			KeyBy(seventh).Window(window.ByCount(5)).Count(stream.InOrder()).Map(show[keyCount])
	},
	"cogroup": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).CoGroup(s.Filter(everyThird).KeyBy(inTurn), window.Tumbling(time.Second),
			func(p stream.Pane[int64, stream.Group[int64, int64]]) string { return show(p.Value) }).
			Map(show[stream.Pane[int64, string]])
	},
	"timers": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Process(func(c *stream.KeyContext[int64, int64, string], _ int64) error {
			c.SetTimer(c.Time().Add(3 * time.Second))
			return nil
		}, func(c *stream.KeyContext[int64, int64, string]) error {
			*c.State()++
			c.Emit(fmt.Sprint(c.Key(), c.Time(), *c.State()))
			return nil
		})
	},
	"own timers": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Apply(newTolling[stream.KeyedProcessor[int64, int64, string]])
	},
	"own timers, in order": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Apply(newTolling[stream.KeyedProcessor[int64, int64, string]], stream.InOrder())
	},
	"own timers of two inputs": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Connect(s.Filter(everyThird).KeyBy(inTurn), newTolling[stream.CoProcessor[int64, int64, int64, string]])
	},
	"in order": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Running(window.Reduce(add), stream.InOrder()).Map(show[stream.KeyValue[int64, int64]])
	},
	"alone": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).IntervalJoin(s.Filter(everyThird).KeyBy(inTurn), 0, time.Second, stream.LeftOuter, number)
	},
	"as of": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).AsOfJoin(s.Filter(everyThird).KeyBy(inTurn), stream.LeftOuter, number)
	},
	"table join": func(s stream.Stream[int64]) stream.Stream[string] {
		return sumTable(s).Join(thirds(s), stream.FullOuter, number).Changes().Map(show[stream.Change[string]])
	},
	"foreign keys": func(s stream.Stream[int64]) stream.Stream[string] {
		next := func(k, _ int64) int64 { return (k + 1) % firingKeys }
		return sumTable(s).ForeignKeyJoin(thirds(s), next, stream.LeftOuter, number).Changes().Map(show[stream.Change[string]])
	},
	"groups of a table": func(s stream.Stream[int64]) stream.Stream[string] {
		return sumTable(s).GroupBy(func(k, _ int64) int64 { return k % 7 }).Aggregate(window.Sum(itself)).Changes().Map(show[stream.Change[int64]])
	},
	"temporal": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).TemporalJoin(thirds(s), stream.LeftOuter, number)
	},
	"over": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).Over(over.Select(
			over.Row(func(text *string, n int64) { *text = fmt.Sprint(n) }),
			over.Aggregate(over.Range(0, 3*time.Second), window.Sum(itself), func(text *string, sum int64) { *text += fmt.Sprint(" ", sum) })))
	},
	"top": func(s stream.Stream[int64]) stream.Stream[string] {
		return sumTable(s).OrderBy(func(k, _ int64) int64 { return k % 7 }, cmp.Compare[int64]).Top(3).Changes().Map(show[stream.Change[int64]])
	},
	"rules": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).ConnectAll(s.Filter(everyThird).KeyBy(inTurn), func(i int64) stream.Change[int64] {
			return stream.Change[int64]{Kind: stream.Update, After: i}
		}, func(c *stream.KeyContext[int64, int64, string], _ *stream.Rules[int64, int64], _ int64) error {
			c.SetTimer(c.Time().Add(3 * time.Second))
			return nil
		}, func(c *stream.KeyContext[int64, int64, string], rules *stream.Rules[int64, int64]) error {
			*c.State()++
			last, is := rules.Get(c.Key())
			c.Emit(fmt.Sprint(c.Key(), c.Time(), *c.State(), last, is))
			return nil
		}, stream.InOrder())
	},
	"each key": func(s stream.Stream[int64]) stream.Stream[string] {
		return s.KeyBy(inTurn).ConnectAll(s.Filter(func(i int64) bool { return i%97 == 0 }).KeyBy(inTurn), func(i int64) stream.Change[int64] {
			return stream.Change[int64]{Kind: stream.Update, After: i}
		}, func(c *stream.KeyContext[int64, int64, string], _ *stream.Rules[int64, int64], _ int64) error {
			*c.State()++
			return nil
		}, nil, stream.InOrder(), stream.EachKey(func(c *stream.KeyContext[int64, int64, string], rules *stream.Rules[int64, int64], id int64) error {
			r, is := rules.Get(id)
			c.Emit(fmt.Sprint(c.Key(), c.Time(), *c.State(), id, r, is))
			*c.State() += 1000
			return nil
		}))
	},
	"patterns": func(s stream.Stream[int64]) stream.Stream[string] {
		thrice := pattern.Begin("first", everyThird).FollowedByAny("others", func(i int64) bool { return !everyThird(i) }).Times(2)
		return pattern.Match(s.KeyBy(inTurn), thrice.Within(5*time.Second).Skip(pattern.SkipToNext())).Map(show[paired])
	},
	"patterns that time out": func(s stream.Stream[int64]) stream.Stream[string] {
		var lost stream.Side[paired]
		alone := pattern.Begin("first", itselfIs).NotFollowedBy(everyThird).Within(3 * time.Second)
		found := pattern.Match(s.KeyBy(inTurn), alone, pattern.TimedOut(&lost)).Map(show[paired])
		return found.Merge(lost.Stream().Map(func(m paired) string { return "lost " + show(m) }))
	},
	"lives of rows": func(s stream.Stream[int64]) stream.Stream[string] {
		return stream.LatestTable(s.KeyBy(inTurn), stream.TimeToLive(700*time.Millisecond)).Changes().Map(show[stream.Change[int64]])
	},
}

func sumTable(s stream.Stream[int64]) stream.Table[int64, int64] {
	return s.KeyBy(inTurn).AggregateTable(window.Reduce(add))
}

func thirds(s stream.Stream[int64]) stream.Table[int64, int64] {
	return stream.LatestTable(s.Filter(everyThird).KeyBy(inTurn))
}

// A toll counts the timers of each key that have fired.
type toll struct {
	timers *stream.Timers[int64]
	counts *stream.KeyedState[int64, int]
}

func newTolling[P any](c *stream.OperatorContext) (P, error) {
	return any(toll{c.Timers[int64](), c.KeyedState[int64, int]("counts")}).(P), nil
}

func (x toll) Process(b *stream.KeyedBatch[int64, int64], _ *stream.Emitter[string]) error {
	for row := range b.All() {
		x.timers.Set(b.Ref(row), b.Time(row).Add(3*time.Second))
	}
	return nil
}

func (x toll) ProcessLeft(b *stream.KeyedBatch[int64, int64], out *stream.Emitter[string]) error {
	return x.Process(b, out)
}

func (x toll) ProcessRight(b *stream.KeyedBatch[int64, int64], out *stream.Emitter[string]) error {
	return x.Process(b, out)
}

func (x toll) OnTimer(t stream.Timer[int64], out *stream.Emitter[string]) error {
	n := x.counts.At(t.KeyRef)
	*n++
	out.Emit(fmt.Sprint(t.Key(), t.At, *n), t.At)
	return nil
}

// A run that is told to stop while a watermark makes much due leaves the rest to
// the next run: each result comes once, whatever number of shards the runs have.
func TestStopWhileFiring(t *testing.T) {
	for name, build := range firings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				seen := map[string]int{}
				run := func(ctx context.Context, each func(), opts ...stream.RunOption) error {
					p := stream.New("stops")
					events := p.From(source.Generate(firingKeys*300, itself)).
						EventTime(func(i int64) time.Time { return time.Unix(i/firingKeys, 0) }, stream.Disorder(time.Hour))
					build(events).Map(func(s string) string { time.Sleep(ms); return s }).To(sink.Func(func(_ context.Context, e stream.Event[string]) error {
						each()
						mu.Lock()
						defer mu.Unlock()
						seen[e.Value]++
						return nil
					}))
					return p.Run(ctx, opts...)
				}
				require.NoError(t, run(t.Context(), func() {}))
				want := seen
				seen = map[string]int{}
				store := checkpoint.Memory()
				stops := 0
				for life := 0; ; life++ {
					ctx, cancel := context.WithCancel(t.Context())
					results := 0
					each := func() {
						mu.Lock()
						defer mu.Unlock()
						if results++; results == len(want)/4 {
							cancel()
						}
					}
					err := run(ctx, each, stream.Checkpoints(store, time.Hour), stream.Shards(1+life%3))
					cancel()
					if err == nil {
						break
					}
					require.ErrorIs(t, err, context.Canceled)
					if len(seen) < len(want) {
						stops++
					}
				}
				require.Equal(t, want, seen)
				require.Positive(t, stops, "a run stops before all has fired")
			})
		})
	}
}
