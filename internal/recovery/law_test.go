package recovery_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A tick is an event of the tests.
type tick struct {
	Key, Val int
	At       int64 // seconds
	ID       int
}

func (t tick) key() int        { return t.Key }
func (t tick) val() int        { return t.Val }
func (t tick) time() time.Time { return time.Unix(t.At, 0) }

// A scenario adds what is tested to a pipeline of two streams and returns what
// counts.
type scenario func(left, right stream.Stream[tick]) []streamtest.Drained

// law has the law of recovery checked for a scenario, with random events: out
// of order, some late, of few keys, in two partitions, with time passing.
func law(t *testing.T, add scenario) {
	for seed := range uint64(1) {
		streamtest.Recovery(t, func() streamtest.Scene {
			rng := rand.New(rand.NewPCG(seed, 1))
			left, right := streamtest.NewInput[tick](2), streamtest.NewInput[tick]()
			p := stream.New("law")
			timed := func(s stream.Stream[tick]) stream.Stream[tick] {
				s = s.EventTime(tick.time, stream.Disorder(10*time.Second))
				s.To(sink.Discard[tick]()) // a scenario may leave it alone
				return s
			}
			s := streamtest.Scene{Pipeline: p, Outputs: add(timed(p.From(left)), timed(p.From(right)))}
			clock, id := int64(-100), 0
			for range 6 {
				clock += rng.Int64N(20)
				var events [3][]tick
				for range rng.IntN(12) {
					id++
					e := tick{Key: rng.IntN(4), Val: rng.IntN(10), At: clock - rng.Int64N(25), ID: id}
					to := rng.IntN(3)
					events[to] = append(events[to], e)
				}
				s.Steps = append(s.Steps, // one at a time: some results depend on the order of arrival
					func(*streamtest.Driver) { left.PushTo(0, events[0]...) },
					func(*streamtest.Driver) { right.Push(events[2]...) },
					func(*streamtest.Driver) { left.PushTo(1, events[1]...) },
					func(d *streamtest.Driver) { d.Advance(3 * time.Second) })
			}
			s.Steps = append(s.Steps, func(*streamtest.Driver) { left.EndOf(0) }, func(*streamtest.Driver) { left.EndOf(1) }, func(*streamtest.Driver) { right.End() })
			return s
		})
	}
}

// half returns the names of a half of the cases, and of the other half after the next commit: each begins the scene 85 times.
func half[V any](t *testing.T, cases map[string]V) []string {
	return sample.Of(t, 2, slices.Sorted(maps.Keys(cases)))
}

func collected[T any](s stream.Stream[T]) []streamtest.Drained {
	return []streamtest.Drained{streamtest.Collect(s)}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	minute := time.Minute
	specs := map[string]window.Spec{
		"tumbling":                 window.Tumbling(30 * time.Second),
		"tumbling, late":           window.Tumbling(30*time.Second, window.Lateness(20*time.Second)),
		"sliding":                  window.Sliding(minute, 10*time.Second),
		"sliding, late":            window.Sliding(minute, 10*time.Second, window.Lateness(20*time.Second)),
		"cumulating":               window.Cumulating(minute, 20*time.Second),
		"session":                  window.Session(12 * time.Second),
		"session, late":            window.Session(12*time.Second, window.Lateness(20*time.Second)),
		"session, early":           window.Session(12*time.Second, window.EarlyCount(2), window.Lateness(20*time.Second)),
		"session, once":            window.Session(12*time.Second, window.Once(2)),
		"count":                    window.ByCount(3),
		"global, once":             window.Global(window.Once(3)),
		"global, early":            window.Global(window.EarlyCount(2)),
		"tumbling, early":          window.Tumbling(minute, window.EarlyCount(2), window.Lateness(30*time.Second)),
		"tumbling, early, discard": window.Tumbling(minute, window.EarlyCount(2), window.Discarding(), window.Lateness(30*time.Second)),
		"tumbling, every":          window.Tumbling(minute, window.EarlyEvery(4*time.Second)),
		"tumbling, latest":         window.Tumbling(minute, window.EarlyCount(3), window.Stamp(window.Latest)),
		"session, earliest":        window.Session(12*time.Second, window.Stamp(window.Earliest)),
		"sliding, late count":      window.Sliding(minute, 30*time.Second, window.Lateness(minute), window.LateCount(2)),
	}
	for _, name := range half(t, specs) {
		spec := specs[name]
		t.Run(name, func(t *testing.T) {
			law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
				if spec.Trigger().EarlyEvery > 0 { // a shard's panes come at once, so they depend on what else it has
					return collected(left.Window(spec).Aggregate(window.MapReduce(tick.val, func(a, b int) int { return a + b })))
				}
				w := left.KeyBy(tick.key).Window(spec)
				return []streamtest.Drained{
					streamtest.Collect(w.Aggregate(window.Max(tick.val))),
					streamtest.Collect(w.Aggregate(window.Sum(tick.val))),
					streamtest.Collect(w.Late()),
				}
			})
		})
	}
}

func TestAggregates(t *testing.T) {
	t.Parallel()
	aggregates := map[string]func(stream.Windowed[int, tick]) []streamtest.Drained{
		"mean": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.Mean(tick.val)))
		},
		"variance": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			// The order in which windows are subtracted moves the last digit.
			return collected(w.Aggregate(window.Variance(tick.val)).Map(func(p stream.Pane[int, window.Moments]) string {
				return fmt.Sprintf("%v %v %d %.6f %.6f", p.Key, p.Start, p.Value.N, p.Value.Mean, p.Value.Squares)
			}))
		},
		"min": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.Min(tick.val)))
		},
		"first": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.First[tick]()))
		},
		"last": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.Last[tick]()))
		},
		"top": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.Top(2, func(a, b tick) int { return cmp.Compare(a.Val, b.Val) })))
		},
		"distinct": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.Distinct(tick.val)))
		},
		"struct": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			type found struct{ Sum, Distinct, Last any }
			return collected(w.Aggregate(window.Struct(
				window.Field(window.Sum(tick.val), func(f *found, n int) { f.Sum = n }),
				window.Field(window.Distinct(tick.val), func(f *found, n int64) { f.Distinct = n }),
				window.Field(window.Last[tick](), func(f *found, x tick) { f.Last = x }),
			)).Map(func(p stream.Pane[int, found]) string { return fmt.Sprint(p) }))
		},
		"struct that subtracts": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.Struct(
				window.Field(window.Sum(tick.val), func(f *[2]int, n int) { f[0] = n }),
				window.Field(window.Count[tick](), func(f *[2]int, n int64) { f[1] = int(n) }),
			)))
		},
		"reduce": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Aggregate(window.MapReduce(tick.val, func(a, b int) int { return max(a, b) })))
		},
		"apply": func(w stream.Windowed[int, tick]) []streamtest.Drained {
			return collected(w.Group(func(p stream.Pane[int, []tick]) string { return fmt.Sprint(p.Value) }))
		},
	}
	for kind, spec := range map[string]window.Spec{
		"sliding": window.Sliding(time.Minute, 20*time.Second, window.Lateness(20*time.Second)),
		"session": window.Session(12*time.Second, window.Lateness(20*time.Second)),
	} {
		for _, name := range half(t, aggregates) {
			t.Run(name+", "+kind, func(t *testing.T) {
				law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
					return aggregates[name](left.KeyBy(tick.key).Window(spec))
				})
			})
		}
	}
}

func TestUnkeyedWindow(t *testing.T) {
	law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
		return collected(left.Window(window.Sliding(time.Minute, 20*time.Second)).Aggregate(window.Sum(tick.val)))
	})
}

// Panes in the windows that they are of, by other keys.
func TestPanesOfPanes(t *testing.T) {
	type counted = stream.Pane[int, int64]
	list := window.Then(window.Collect[counted](), func(all []counted) string { return fmt.Sprint(all) })
	for name, spec := range map[string]window.Spec{
		"sliding":       window.Sliding(time.Minute, 20*time.Second),
		"sliding, late": window.Sliding(time.Minute, 20*time.Second, window.Lateness(20*time.Second)),
		"early":         window.Tumbling(time.Minute, window.EarlyCount(2), window.Lateness(20*time.Second)),
		"session":       window.Session(12 * time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
				w := left.KeyBy(tick.key).Window(spec).Count().KeyBy(func(p counted) int { return p.Key % 2 }).Window(spec.OfPanes())
				if spec.OfPanes().Replaced() || spec.Kind() == window.KindSession {
					return collected(w.Aggregate(stream.LastPanes(list)))
				}
				return collected(w.Aggregate(list))
			})
		})
	}
}

func TestKeyedOperators(t *testing.T) {
	t.Parallel()
	operators := map[string]scenario{
		"running": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Running(window.Sum(tick.val), stream.TimeToLive(15*time.Second)))
		},
		"running, in order": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Running(window.MapReduce(tick.val, func(a, b int) int { return a*3 + b }), stream.InOrder()))
		},
		"panes, in order": func(left, _ stream.Stream[tick]) []streamtest.Drained { // those of a window have one time and one place
			panes := left.KeyBy(tick.key).Window(window.Tumbling(30*time.Second, window.EarlyCount(2))).Count()
			return collected(panes.KeyBy(func(p stream.Pane[int, int64]) int { return p.Key }).
				Running(window.MapReduce(func(p stream.Pane[int, int64]) int64 { return p.Value + 1 }, func(a, b int64) int64 { return a*31 + b }), stream.InOrder()))
		},
		"deduplicate": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Deduplicate(20 * time.Second))
		},
		"process": func(left, _ stream.Stream[tick]) []streamtest.Drained { return collected(processed(left)) },
		"process, in order": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(processed(left, stream.InOrder(), stream.TimeToLive(40*time.Second)))
		},
		"split late": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			onTime, late := left.SplitLate()
			return []streamtest.Drained{streamtest.Collect(onTime), streamtest.Collect(late)}
		},
		"merge": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.Merge(right).KeyBy(tick.key).Window(window.Tumbling(30 * time.Second)).Count())
		},
		"rebalance": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.Rebalance().Map(func(e tick) tick { e.Val++; return e }))
		},
		"over": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Over(overColumns()))
		},
		"over, time to live": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Over(overColumns(), stream.TimeToLive(25*time.Second)))
		},
		"two in a row": func(left, _ stream.Stream[tick]) []streamtest.Drained {
			perKey := left.KeyBy(tick.key).Window(window.Tumbling(20 * time.Second)).Aggregate(window.Sum(tick.val))
			return collected(perKey.Window(window.Tumbling(time.Minute)).
				Aggregate(window.Sum(func(p stream.Pane[int, int]) int { return p.Value })))
		},
	}
	for _, name := range half(t, operators) {
		t.Run(name, func(t *testing.T) { law(t, operators[name]) })
	}
}

// overColumns look back and ahead, by events and by time, and on the whole past.
func overColumns() over.Selection[tick, string] {
	return over.Select(
		over.Rank(func(s *string, e tick, r over.Ranks) { *s = fmt.Sprint(e.ID, r) }),
		over.Lead(1, func(s *string, e tick, some bool) { *s += fmt.Sprint(" lead ", e.ID, some) }),
		over.Aggregate(over.Rows(over.All, 0), window.Sum(tick.val), func(s *string, n int) { *s += fmt.Sprint(" sum ", n) }),
		over.Aggregate(over.Range(20*time.Second, 10*time.Second), window.Sum(tick.val), func(s *string, n int) { *s += fmt.Sprint(" around ", n) }))
}

type tally struct{ Sum, Timers int }

// processed keeps state by key, and sets timers of both kinds.
func processed(s stream.Stream[tick], opts ...stream.Option) stream.Stream[string] {
	return s.KeyBy(tick.key).Process(
		func(c *stream.KeyContext[int, tally, string], e tick) error {
			c.State().Sum += e.Val
			c.SetTimer(c.Time().Add(7 * time.Second))
			c.SetClockTimer(c.Now().Add(5 * time.Second))
			c.Emit(fmt.Sprint("event ", e.ID, *c.State()))
			return nil
		},
		func(c *stream.KeyContext[int, tally, string]) error {
			c.State().Timers++
			c.Emit(fmt.Sprint("timer ", c.Key(), c.OnClock(), *c.State()))
			return nil
		}, opts...)
}

// judged keeps state by key, and shows the rules that each event and each timer sees.
func judged(data, rules stream.Stream[tick], opts ...stream.Option) stream.Stream[string] {
	return data.KeyBy(tick.key).ConnectAll(rules.KeyBy(tick.key),
		func(r tick) stream.Change[tick] {
			if r.Val < 3 {
				return stream.Change[tick]{Kind: stream.Delete}
			}
			return stream.Change[tick]{Kind: stream.Update, After: r}
		},
		func(c *stream.KeyContext[int, tally, string], rules *stream.Rules[int, tick], e tick) error {
			c.State().Sum += e.Val
			c.SetTimer(c.Time().Add(7 * time.Second))
			c.SetClockTimer(c.Now().Add(5 * time.Second))
			c.Emit(fmt.Sprint("event ", e.ID, *c.State(), maps.Collect(rules.All())))
			return nil
		},
		func(c *stream.KeyContext[int, tally, string], rules *stream.Rules[int, tick]) error {
			c.State().Timers++
			c.Emit(fmt.Sprint("timer ", c.Key(), c.OnClock(), *c.State(), maps.Collect(rules.All())))
			return nil
		}, opts...)
}

// toldAll has each key count the changes of rules.
func toldAll() stream.Option {
	return stream.EachKey(func(c *stream.KeyContext[int, tally, string], rules *stream.Rules[int, tick], id int) error {
		c.State().Sum += 1000
		r, is := rules.Get(id)
		c.Emit(fmt.Sprint("rule ", c.Key(), c.Time(), *c.State(), id, r, is))
		return nil
	})
}

func TestJoins(t *testing.T) {
	t.Parallel()
	text := func(m stream.Match[tick, tick]) string { return fmt.Sprint(m) }
	joins := map[string]scenario{
		"as-of": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).AsOfJoin(right.KeyBy(tick.key), stream.LeftOuter, text))
		},
		"as-of, time to live": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).AsOfJoin(right.KeyBy(tick.key), stream.Inner, text, stream.TimeToLive(25*time.Second)))
		},
		"table": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).TableJoin(right.KeyBy(tick.key), stream.LeftOuter, text))
		},
		"table, time to live": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).TableJoin(right.KeyBy(tick.key), stream.LeftOuter, text, stream.TimeToLive(25*time.Second)))
		},
		"co-group": func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).CoGroup(right.KeyBy(tick.key), window.Sliding(time.Minute, 20*time.Second, window.Lateness(20*time.Second)),
				func(p stream.Pane[int, stream.Group[tick, tick]]) string { return fmt.Sprint(p.Value) }))
		},
	}
	for name, opts := range map[string][]stream.Option{"process both": nil, "process both, in order": {stream.InOrder(), stream.TimeToLive(40 * time.Second)}} {
		joins[name] = func(left, right stream.Stream[tick]) []streamtest.Drained {
			event := func(side string) func(c *stream.KeyContext[int, tally, string], e tick) error {
				return func(c *stream.KeyContext[int, tally, string], e tick) error {
					c.State().Sum = 3*c.State().Sum + e.Val
					c.SetTimer(c.Time().Add(7 * time.Second))
					c.Emit(fmt.Sprint(side, " ", e.ID, *c.State()))
					return nil
				}
			}
			return collected(left.KeyBy(tick.key).ProcessBoth(right.KeyBy(tick.key), event("left"), event("right"), func(c *stream.KeyContext[int, tally, string]) error {
				c.State().Timers++
				c.Emit(fmt.Sprint("timer ", c.Key(), *c.State()))
				return nil
			}, opts...))
		}
	}
	for name, opts := range map[string][]stream.Option{
		"rules": nil, "rules, in order": {stream.InOrder(), stream.TimeToLive(40 * time.Second)}, "rules, without waiting": {stream.NoWaitForRules()},
		"rules, each key": {toldAll()}, "rules, each key in order": {toldAll(), stream.InOrder(), stream.TimeToLive(40 * time.Second)}, "rules, each key without waiting": {toldAll(), stream.NoWaitForRules()},
	} {
		joins[name] = func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(judged(left, right, opts...))
		}
	}
	for kind := stream.Inner; kind <= stream.FullOuter; kind++ {
		joins["interval, "+kind.String()] = func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).IntervalJoin(right.KeyBy(tick.key), -15*time.Second, 20*time.Second, kind, text))
		}
		joins["window, "+kind.String()] = func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).WindowJoin(right.KeyBy(tick.key), window.Tumbling(30*time.Second), kind, text))
		}
		joins["session, "+kind.String()] = func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).WindowJoin(right.KeyBy(tick.key), window.Session(15*time.Second, window.Lateness(10*time.Second)), kind, text))
		}
	}
	for _, name := range half(t, joins) {
		t.Run(name, func(t *testing.T) { law(t, joins[name]) })
	}
}
