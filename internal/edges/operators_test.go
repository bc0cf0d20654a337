package edges_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A row is the one type of event of these tests: few types compile fast.
type row struct {
	Key string
	N   int
	At  int64 // seconds
}

func (r row) key() string     { return r.Key }
func (r row) when() time.Time { return second(r.At) }
func (r row) text() string    { return fmt.Sprint(r.Key, r.N, " at ", r.At) }

func second(s int64) time.Time { return time.Unix(s, 0).UTC() }

// An operator is one of package stream's or of a package beside it, as the tests build it.
type operator struct {
	name string // as declaredOperators has it
	kind string // what it is called unless it is given a name
	add  func(c *call) stream.Stream[string]

	timed   bool     // it needs event times
	behind  string   // what stands before it and needs them first
	times   bool     // it gives them
	takes   []string // the options that mean something to it, besides Name
	diverts func() stream.Option
	exposes func() stream.Option

	forgets []string // settings and functions that its state does not depend on, or that are not its own

	inner map[string]string // functions and settings of a value that it is given, by name, as params of declared
}

// A call is how a test wants an operator built.
type call struct {
	p           *stream.Pipeline
	left, right stream.Stream[row]
	src         *streamtest.Input[row] // for one more source
	opts        []stream.Option
	without     string // the argument that is nil or zero; "receiver" is one
	changed     string // the setting that is another than usual
	failing     string // the function that fails, each time
	how         string // "panic", "error" or "goexit"
	secret      string // what is in events, and in the errors of functions
}

var errBroken = errors.New("broken")

// broken is what a function fails with: it shows what it failed on, as many do.
func (c *call) broken() error {
	if c.secret == "" {
		return errBroken
	}
	return fmt.Errorf("cannot take %s: %w", c.secret, errBroken)
}

// hit is called by each function that an operator is given, with its name.
func (c *call) hit(function string) {
	if c.failing != function {
		return
	}
	switch c.how {
	case "panic":
		panic(c.broken())
	case "goexit":
		runtime.Goexit()
	}
}

// fails is hit for a function that has an error.
func (c *call) fails(function string) error {
	c.hit(function)
	if c.failing == function && c.how == "error" {
		return c.broken()
	}
	return nil
}

// arg returns v, or nothing where the call is to be without it.
func arg[V any](c *call, name string, v V) (none V) {
	if c.without == name {
		return none
	}
	return v
}

// as returns the options of a call as those of one operator.
func as[O any](c *call) []O {
	all := make([]O, len(c.opts))
	for i, o := range c.opts {
		all[i], _ = any(o).(O)
	}
	return all
}

// set returns what a setting usually is, or the other value.
func set[V any](c *call, name string, usual, other V) V {
	if c.changed == name {
		return other
	}
	return usual
}

func (c *call) stream() stream.Stream[row]       { return arg(c, "receiver", c.left) }
func (c *call) keyed() stream.Keyed[string, row] { return arg(c, "receiver", c.left.KeyBy(row.key)) }
func (c *call) other(name string) stream.Keyed[string, row] {
	return arg(c, name, c.right.KeyBy(row.key))
}
func (c *call) windows() window.Spec {
	return set(c, "spec", window.Tumbling(time.Minute), window.Tumbling(4*time.Second))
}
func (c *call) windowed() stream.Windowed[string, row] {
	return arg(c, "receiver", c.left.KeyBy(row.key).Window(c.windows()))
}
func (c *call) match(m stream.Match[row, row]) string {
	c.hit("f")
	return fmt.Sprint(m.Left.N, m.HasLeft, m.Right.N, m.HasRight)
}

func texts(s stream.Stream[row]) stream.Stream[string] { return s.Map(row.text, stream.Name("text")) }

func panes(s stream.Stream[stream.Pane[string, int64]]) stream.Stream[string] {
	return s.Map(func(p stream.Pane[string, int64]) string {
		return fmt.Sprint(p.Key, p.Start.Unix(), p.End.Unix(), p.Value)
	}, stream.Name("text"))
}

func values(s stream.Stream[stream.KeyValue[string, int64]]) stream.Stream[string] {
	return s.Map(func(v stream.KeyValue[string, int64]) string { return fmt.Sprint(v) }, stream.Name("text"))
}

// total is an aggregator of the caller's own.
type total struct{ c *call }

func (t total) New() int64 { return 0 }
func (t total) Add(acc int64, r row) int64 {
	t.c.hit("agg")
	return acc + int64(r.N)
}
func (t total) Merge(a, b int64) int64 { return a + b }
func (t total) Result(acc int64) int64 { return acc }

// echo is an operator of the caller's own, of every form.
type echo struct {
	stream.Stateless
	c *call
}

func (e echo) Process(in *stream.Batch[row], out *stream.Emitter[string]) error {
	for i, r := range in.All() {
		out.Emit(r.text(), in.Time(i))
	}
	return e.c.fails("op")
}

// keyedEcho counts the events of each key and has a timer a second after each.
type keyedEcho struct {
	echo
	seen   *stream.KeyedState[string, int]
	timers *stream.Timers[string]
}

func newKeyedEcho(c *call, x *stream.OperatorContext) keyedEcho {
	return keyedEcho{echo{c: c}, x.KeyedState[string, int]("seen"), x.Timers[string]()}
}

func (e keyedEcho) Process(in *stream.KeyedBatch[string, row], out *stream.Emitter[string]) error {
	for row := range in.All() {
		*e.seen.At(in.Ref(row))++
		if in.Timed() {
			e.timers.Set(in.Ref(row), in.Time(row).Add(time.Second))
		}
	}
	return e.echo.Process(&in.Batch, out)
}

func (e keyedEcho) ProcessLeft(in *stream.KeyedBatch[string, row], out *stream.Emitter[string]) error {
	return e.Process(in, out)
}

func (e keyedEcho) ProcessRight(in *stream.KeyedBatch[string, row], out *stream.Emitter[string]) error {
	return e.Process(in, out)
}

func (e keyedEcho) OnTimer(t stream.Timer[string], out *stream.Emitter[string]) error {
	out.Emit("timer "+t.Key(), t.At)
	return e.c.fails("timer")
}

// refusing is a sink that fails where its call says so.
type refusing struct{ c *call }

func (r refusing) Open(*stream.SinkContext) (stream.Writer[row], error) { return r, nil }
func (r refusing) Write(context.Context, *stream.Batch[row]) error      { return r.c.fails("sink") }
func (refusing) Flush(context.Context) error                            { return nil }
func (refusing) Close() error                                           { return nil }

const (
	failures = "SkipFailures"
	diverted = "Divert"
	ordered  = "InOrder"
	ttl      = "TimeToLive"
	beside   = "SideOutput"
	idle     = "Idle"
	traced   = "TraceParent"
	exposed  = "Expose"
	noWait   = "NoWaitForRules"
	eachKey  = "EachKey"

	lateLeft, lateRight = "LateLeft", "LateRight"
)

// back is total that takes back.
type back struct{ total }

func (back) Sub(a, b int64) int64 { return a - b }

// table is the table that operators on tables are called on.
func (c *call) table() stream.Table[string, row] {
	return arg(c, "receiver", stream.LatestTable(c.left.KeyBy(row.key)))
}

// otherTable is one that is joined, of the same stream: so the operator that needs event times is the same.
func (c *call) otherTable(name string) stream.Table[string, row] {
	return arg(c, name, stream.LatestTable(c.right.KeyBy(row.key), stream.Name("latesttable of right")))
}

// changes shows the changes of a table.
func changes[K comparable, V any](t stream.Table[K, V]) stream.Stream[string] {
	return t.MapValues(func(k K, v V) string { return fmt.Sprint(k, v) }).
		Changes().Map(func(c stream.Change[string]) string { return fmt.Sprint(c) }, stream.Name("text"))
}

func divert[T any]() stream.Option { return stream.Divert(new(stream.Failures[T])) }

var operators = []operator{
	{name: "Pipeline.From", kind: "source", takes: []string{failures, diverted, idle, traced}, diverts: divert[[]byte],
		add: func(c *call) stream.Stream[string] {
			c.left.To(sink.Discard[row]())
			p := arg(c, "receiver", c.p)
			return texts(p.From(arg[stream.Source[row]](c, "src", c.src), c.opts...))
		}},
	{name: "Failures.Stream", kind: "map",
		add: func(c *call) stream.Stream[string] {
			var bad stream.Failures[row]
			out := c.left.Map(row.text, stream.Divert(arg(c, "receiver", &bad)))
			bad.Stream().To(sink.Discard[stream.Failed[row]]())
			return out
		}},
	{name: "Side.Stream", kind: "apply",
		add: func(c *call) stream.Stream[string] {
			var side stream.Side[row]
			out := c.left.Apply(func(*stream.OperatorContext) (stream.Processor[row, string], error) { return echo{c: c}, nil },
				stream.SideOutput(arg(c, "receiver", &side)))
			side.Stream().To(sink.Discard[row]())
			return out
		}},
	{name: "Stream.Filter", kind: "filter", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return texts(c.stream().Filter(arg(c, "keep", func(row) bool { c.hit("keep"); return true }), c.opts...))
		}},
	{name: "Stream.Map", kind: "map", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return c.stream().Map(arg(c, "f", func(r row) string { c.hit("f"); return r.text() }), c.opts...)
		}},
	{name: "Stream.TryMap", kind: "map", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return c.stream().TryMap(arg(c, "f", func(_ context.Context, r row) (string, error) { return r.text(), c.fails("f") }), c.opts...)
		}},
	{name: "Try", kind: "map",
		add: func(c *call) stream.Stream[string] {
			good, bad := stream.Try(arg(c, "s", c.stream()), arg(c, "f", func(_ context.Context, r row) (string, error) { return r.text(), c.fails("f") }), c.opts...)
			if c.failing == "" {
				bad.To(sink.Discard[stream.Failed[row]]())
			}
			return good
		}},
	{name: "Stream.FlatMap", kind: "flatmap", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return c.stream().FlatMap(arg(c, "f", func(r row, emit func(string)) { c.hit("f"); emit(r.text()) }), c.opts...)
		}},
	{name: "Stream.FilterMap", kind: "filtermap", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return c.stream().FilterMap(arg(c, "f", func(r row) (string, bool) { c.hit("f"); return r.text(), true }), c.opts...)
		}},
	{name: "Stream.Tap", kind: "tap", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return texts(c.stream().Tap(arg(c, "f", func(row) { c.hit("f") }), c.opts...))
		}},
	{name: "Stream.Split", kind: "split", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			yes, no := c.stream().Split(arg(c, "match", func(row) bool { c.hit("match"); return true }), c.opts...)
			no.To(sink.Discard[row]())
			return texts(yes)
		}},
	{name: "Stream.SplitBy", kind: "splitby", takes: []string{failures, diverted}, forgets: []string{"n"},
		add: func(c *call) stream.Stream[string] {
			all := c.stream().SplitBy(set(c, "n", 2, 3), arg(c, "to", func(row) int { c.hit("to"); return 1 }), c.opts...)
			for i, part := range all {
				if i != 1 {
					part.To(sink.Discard[row]())
				}
			}
			return texts(all[1])
		}},
	{name: "Stream.Sample", kind: "sample",
		add: func(c *call) stream.Stream[string] {
			return texts(c.stream().Sample(set(c, "fraction", 1, 0.5), c.opts...))
		}},
	{name: "Stream.Merge", kind: "merge",
		add: func(c *call) stream.Stream[string] {
			return texts(c.stream().Merge(arg(c, "other", c.right), c.opts...))
		}},
	{name: "Union", kind: "merge",
		add: func(c *call) stream.Stream[string] {
			return texts(stream.Union([]stream.Stream[row]{c.stream(), arg(c, "streams", c.right)}, c.opts...))
		}},
	{name: "Stream.Rebalance", kind: "rebalance",
		add: func(c *call) stream.Stream[string] { return texts(c.stream().Rebalance(c.opts...)) }},
	{name: "Stream.SplitLate", kind: "splitlate", timed: true,
		add: func(c *call) stream.Stream[string] {
			onTime, late := c.stream().SplitLate(c.opts...)
			late.To(sink.Discard[row]())
			return texts(onTime)
		}},
	{name: "Stream.EventTime", kind: "eventtime", times: true, takes: []string{failures, diverted, idle},
		add: func(c *call) stream.Stream[string] {
			at := arg(c, "at", func(r row) time.Time { c.hit("at"); return r.when() })
			return texts(c.stream().EventTime(at, as[stream.TimeOption](c)...))
		}},
	{name: "Stream.Enrich", kind: "enrich", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return c.stream().Enrich(arg(c, "call", func(_ context.Context, r row) (string, error) { return r.text(), c.fails("call") }),
				as[stream.EnrichOption](c)...)
		}},
	{name: "Stream.KeyBy", kind: "keyby", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			return values(c.stream().KeyBy(arg(c, "key", func(r row) string { c.hit("key"); return r.Key }), c.opts...).Running(total{c}))
		}},
	{name: "Stream.Window", kind: "window", timed: true,
		add: func(c *call) stream.Stream[string] {
			return c.stream().Window(arg(c, "spec", c.windows()), c.opts...).Count().
				Map(func(p stream.Pane[stream.NoKey, int64]) string { return fmt.Sprint(p.Start.Unix(), p.Value) }, stream.Name("text"))
		}},
	{name: "Stream.Apply", kind: "apply", takes: []string{failures, diverted, beside}, forgets: []string{"op"}, // what it returns is of no event
		add: func(c *call) stream.Stream[string] {
			return c.stream().Apply(arg[stream.Operator[row, string]](c, "op",
				stream.Operator[row, string](func(*stream.OperatorContext) (stream.Processor[row, string], error) {
					return echo{c: c}, nil
				})), c.opts...)
		}},
	{name: "Stream.To", kind: "sink", takes: []string{failures, diverted},
		add: func(c *call) stream.Stream[string] {
			c.stream().To(arg[stream.Sink[row]](c, "sink", refusing{c}), c.opts...)
			return texts(c.left)
		}},
	{name: "Keyed.Window", kind: "window", timed: true,
		add: func(c *call) stream.Stream[string] {
			return panes(c.keyed().Window(arg(c, "spec", c.windows()), c.opts...).Aggregate(total{c}))
		}},
	{name: "Keyed.Running", kind: "running", takes: []string{failures, diverted, ordered, ttl, exposed}, exposes: expose[int64],
		add: func(c *call) stream.Stream[string] {
			return values(c.keyed().Running(arg[window.Aggregator[row, int64, int64]](c, "agg", total{c}), c.opts...))
		}},
	{name: "Keyed.Deduplicate", kind: "deduplicate", timed: true,
		add: func(c *call) stream.Stream[string] {
			return texts(c.keyed().Deduplicate(set(c, "within", time.Minute, time.Hour), c.opts...))
		}},
	{name: "Keyed.Process", kind: "process", takes: []string{beside, failures, diverted, ordered, ttl, exposed}, exposes: expose[int],
		forgets: []string{"timer"}, // its failure is of no event
		add: func(c *call) stream.Stream[string] {
			return c.keyed().Process(
				arg(c, "event", func(x *stream.KeyContext[string, int, string], r row) error {
					*x.State() += r.N
					if !x.Time().IsZero() {
						x.SetTimer(x.Time().Add(time.Second))
					}
					x.Emit(r.text())
					return c.fails("event")
				}),
				func(x *stream.KeyContext[string, int, string]) error {
					x.Emit(fmt.Sprint("timer ", x.Key()))
					return c.fails("timer")
				}, c.opts...)
		}},
	{name: "Keyed.ProcessBoth", kind: "processboth", takes: []string{beside, failures, diverted, ordered, ttl, exposed}, exposes: expose[int],
		forgets: []string{"timer"},
		add: func(c *call) stream.Stream[string] {
			of := func(name string) func(*stream.KeyContext[string, int, string], row) error {
				return arg(c, name, func(x *stream.KeyContext[string, int, string], r row) error {
					*x.State() += r.N
					if !x.Time().IsZero() {
						x.SetTimer(x.Time().Add(time.Second))
					}
					x.Emit(name + r.text())
					return c.fails(name)
				})
			}
			return c.keyed().ProcessBoth(c.other("other"), of("left"), of("right"), func(x *stream.KeyContext[string, int, string]) error {
				x.Emit(fmt.Sprint("timer ", x.Key()))
				return c.fails("timer")
			}, c.opts...)
		}},
	{name: "Keyed.ConnectAll", kind: "connectall", timed: true, takes: []string{beside, failures, diverted, ordered, ttl, exposed, noWait, eachKey}, exposes: expose[int],
		forgets: []string{"timer"},
		add: func(c *call) stream.Stream[string] {
			return c.keyed().ConnectAll(c.other("rules"),
				arg(c, "change", func(r row) stream.Change[int] {
					c.hit("change")
					return stream.Change[int]{Kind: stream.Update, After: r.N}
				}),
				arg(c, "event", func(x *stream.KeyContext[string, int, string], rules *stream.Rules[string, int], r row) error {
					*x.State() += r.N
					if !x.Time().IsZero() {
						x.SetTimer(x.Time().Add(time.Second))
					}
					x.Emit(fmt.Sprint(r.text(), maps.Collect(rules.All())))
					return c.fails("event")
				}),
				func(x *stream.KeyContext[string, int, string], rules *stream.Rules[string, int]) error {
					x.Emit(fmt.Sprint("timer ", x.Key(), maps.Collect(rules.All())))
					return c.fails("timer")
				}, c.opts...)
		}},
	{name: "Keyed.Lookup", kind: "lookup", takes: []string{failures, diverted, ordered},
		add: func(c *call) stream.Stream[string] {
			return c.keyed().Lookup(arg(c, "find", func(_ context.Context, k string) (int, error) { return len(k), c.fails("find") }),
				arg(c, "f", func(r row, n int) string { c.hit("f"); return fmt.Sprint(r.text(), n) }), as[stream.EnrichOption](c)...)
		}},
	{name: "Keyed.Apply", kind: "apply", takes: []string{failures, diverted, ordered, ttl, beside}, forgets: []string{"op"},
		add: func(c *call) stream.Stream[string] {
			return c.keyed().Apply(arg[stream.KeyedOperator[string, row, string]](c, "op",
				stream.KeyedOperator[string, row, string](func(x *stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
					return newKeyedEcho(c, x), nil
				})), c.opts...)
		}},
	{name: "Keyed.Connect", kind: "connect", takes: []string{failures, diverted, ttl, beside}, forgets: []string{"op"},
		add: func(c *call) stream.Stream[string] {
			return c.keyed().Connect(c.other("right"), arg[stream.CoOperator[string, row, row, string]](c, "op",
				stream.CoOperator[string, row, row, string](func(x *stream.OperatorContext) (stream.CoProcessor[string, row, row, string], error) {
					return newKeyedEcho(c, x), nil
				})), c.opts...)
		}},
	{name: "Keyed.IntervalJoin", kind: "intervaljoin", timed: true, takes: []string{failures, diverted, lateLeft, lateRight}, diverts: divert[stream.Match[row, row]],
		add: func(c *call) stream.Stream[string] {
			return c.keyed().IntervalJoin(c.other("right"), set(c, "lower", -time.Minute, -time.Second), set(c, "upper", time.Minute, time.Hour),
				set(c, "kind", stream.Inner, stream.FullOuter), arg(c, "f", c.match), c.opts...)
		}},
	{name: "Keyed.AsOfJoin", kind: "asofjoin", timed: true, takes: []string{failures, diverted, ttl, lateLeft}, diverts: divert[stream.Match[row, row]],
		add: func(c *call) stream.Stream[string] {
			return c.keyed().AsOfJoin(c.other("versions"), set(c, "kind", stream.LeftOuter, stream.Inner), arg(c, "f", c.match), c.opts...)
		}},
	{name: "Keyed.TableJoin", kind: "tablejoin", takes: []string{failures, diverted, ttl, exposed}, exposes: expose[row], diverts: divert[stream.Match[row, row]],
		forgets: []string{"kind"}, // what it holds is a table
		add: func(c *call) stream.Stream[string] {
			return c.keyed().TableJoin(c.other("table"), set(c, "kind", stream.LeftOuter, stream.Inner), arg(c, "f", c.match), c.opts...)
		}},
	{name: "Keyed.WindowJoin", kind: "windowjoin", timed: true, takes: []string{failures, diverted, lateLeft, lateRight}, diverts: divert[stream.Match[row, row]],
		add: func(c *call) stream.Stream[string] {
			s := c.keyed().WindowJoin(c.other("right"), arg(c, "spec", c.windows()), set(c, "kind", stream.Inner, stream.FullOuter), arg(c, "f", c.match), c.opts...)
			return s.Map(func(p stream.Pane[string, string]) string { return p.Value }, stream.Name("text"))
		}},
	{name: "Keyed.CoGroup", kind: "cogroup", timed: true, takes: []string{failures, diverted, lateLeft, lateRight}, diverts: divert[stream.Pane[string, stream.Group[row, row]]],
		add: func(c *call) stream.Stream[string] {
			f := func(p stream.Pane[string, stream.Group[row, row]]) string { c.hit("f"); return fmt.Sprint(p.Value) }
			s := c.keyed().CoGroup(c.other("right"), arg(c, "spec", c.windows()), arg(c, "f", f), c.opts...)
			return s.Map(func(p stream.Pane[string, string]) string { return p.Value }, stream.Name("text"))
		}},
	{name: "Windowed.Aggregate", kind: "aggregate", timed: true, takes: []string{failures, diverted, exposed}, exposes: exposeWindows[int64],
		add: func(c *call) stream.Stream[string] {
			return panes(c.windowed().Aggregate(arg[window.Aggregator[row, int64, int64]](c, "agg", total{c}), c.opts...))
		}},
	{name: "Windowed.Reduce", kind: "aggregate", timed: true, takes: []string{failures, diverted, exposed}, exposes: exposeWindows[row],
		add: func(c *call) stream.Stream[string] {
			s := c.windowed().Reduce(arg(c, "merge", func(a, b row) row { c.hit("merge"); return row{a.Key, a.N + b.N, min(a.At, b.At)} }), c.opts...)
			return s.Map(func(p stream.Pane[string, row]) string {
				return fmt.Sprint(p.Key, p.Start.Unix(), p.End.Unix(), p.Value.N)
			}, stream.Name("text"))
		}},
	{name: "Windowed.Count", kind: "aggregate", timed: true, takes: []string{failures, diverted, exposed}, exposes: exposeWindows[int64],
		add: func(c *call) stream.Stream[string] { return panes(c.windowed().Count(c.opts...)) }},
	{name: "Windowed.Group", kind: "aggregate", timed: true, takes: []string{failures, diverted}, diverts: divert[stream.Pane[string, []row]],
		add: func(c *call) stream.Stream[string] {
			return panes(c.windowed().Group(arg(c, "f", func(p stream.Pane[string, []row]) int64 { c.hit("f"); return int64(len(p.Value)) }), c.opts...))
		}},
	{name: "Windowed.Late", kind: "window", timed: true,
		add: func(c *call) stream.Stream[string] {
			w := c.windowed()
			w.Late().To(sink.Discard[row]())
			return panes(w.Count())
		}},
	{name: "TableOf", kind: "tableof", timed: true, takes: []string{failures, diverted, ttl, exposed}, diverts: divert[stream.Change[row]],
		add: func(c *call) stream.Stream[string] {
			of := c.left.Map(func(r row) stream.Change[row] { return stream.Change[row]{Kind: stream.Update, After: r} }, stream.Name("change")).
				KeyBy(func(x stream.Change[row]) string { return x.After.Key })
			return changes(stream.TableOf(arg(c, "receiver", arg(c, "changes", of)), c.opts...))
		}},
	{name: "PaneTable", kind: "panetable", timed: true, behind: "aggregate", takes: []string{ttl, exposed},
		exposes: func() stream.Option { return stream.Expose(new(stream.View[stream.WindowKey[string], int64])) },
		add: func(c *call) stream.Stream[string] {
			of := c.left.KeyBy(row.key).Window(window.Tumbling(time.Minute)).Count()
			return changes(stream.PaneTable(arg(c, "receiver", arg(c, "panes", of)), c.opts...))
		}},
	{name: "LatestTable", kind: "latesttable", timed: true, takes: []string{ttl, exposed},
		add: func(c *call) stream.Stream[string] {
			return changes(stream.LatestTable(arg(c, "events", c.keyed()), c.opts...))
		}},
	{name: "Keyed.ToTable", kind: "totable", timed: true, takes: []string{failures, diverted, ttl, exposed},
		add: func(c *call) stream.Stream[string] {
			return changes(c.keyed().ToTable(arg(c, "change", func(r row) stream.Change[row] {
				c.hit("change")
				return stream.Change[row]{Kind: stream.Update, After: r}
			}), c.opts...))
		}},
	{name: "Keyed.AggregateTable", kind: "aggregatetable", timed: true, takes: []string{failures, diverted, ttl, exposed}, exposes: expose[int64],
		add: func(c *call) stream.Stream[string] {
			return changes(c.keyed().AggregateTable(arg[window.Aggregator[row, int64, int64]](c, "agg", total{c}), c.opts...))
		}},
	{name: "Keyed.TemporalJoin", kind: "temporaljoin", timed: true, behind: "latesttable of right", takes: []string{failures, diverted}, diverts: divert[stream.Match[row, row]],
		add: func(c *call) stream.Stream[string] {
			return c.keyed().TemporalJoin(c.otherTable("versions"), set(c, "kind", stream.LeftOuter, stream.Inner), arg(c, "f", c.match), c.opts...)
		}},
	{name: "Table.Keyed", kind: "latesttable", timed: true,
		add: func(c *call) stream.Stream[string] {
			return changes(stream.TableOf(c.table().Keyed(), stream.Name("again")))
		}},
	{name: "Table.Changes", kind: "changes", timed: true, behind: "latesttable",
		add: func(c *call) stream.Stream[string] {
			return c.table().Changes(c.opts...).Map(func(x stream.Change[row]) string { return fmt.Sprint(x) }, stream.Name("text"))
		}},
	{name: "Table.Filter", kind: "filtertable", timed: true, behind: "latesttable", takes: []string{failures, diverted}, diverts: divert[stream.Change[row]],
		add: func(c *call) stream.Stream[string] {
			return changes(c.table().Filter(arg(c, "keep", func(string, row) bool { c.hit("keep"); return true }), c.opts...))
		}},
	{name: "Table.MapValues", kind: "maptable", timed: true, behind: "latesttable", takes: []string{failures, diverted}, diverts: divert[stream.Change[row]],
		add: func(c *call) stream.Stream[string] {
			return changes(c.table().MapValues(arg(c, "f", func(_ string, r row) int { c.hit("f"); return r.N }), c.opts...))
		}},
	{name: "Table.GroupBy", kind: "groupby", timed: true, behind: "latesttable", takes: []string{failures, diverted}, diverts: divert[stream.Change[row]],
		add: func(c *call) stream.Stream[string] {
			return changes(c.table().GroupBy(arg(c, "key", func(k string, _ row) string { c.hit("key"); return k }), c.opts...).Aggregate(back{total{c}}))
		}},
	{name: "Grouped.Aggregate", kind: "grouptable", timed: true, behind: "latesttable", takes: []string{failures, diverted, exposed}, diverts: divert[stream.Change[row]], exposes: expose[int64],
		add: func(c *call) stream.Stream[string] {
			of := stream.LatestTable(c.left.KeyBy(row.key)).GroupBy(func(k string, _ row) string { return k })
			return changes(arg(c, "receiver", of).Aggregate(arg[window.Aggregator[row, int64, int64]](c, "agg", back{total{c}}), c.opts...))
		}},
	{name: "Table.Join", kind: "jointables", timed: true, behind: "latesttable of right", takes: []string{failures, diverted}, diverts: divert[stream.Match[row, row]],
		add: func(c *call) stream.Stream[string] {
			return changes(c.table().Join(c.otherTable("other"), set(c, "kind", stream.FullOuter, stream.Inner), arg(c, "f", c.match), c.opts...))
		}},
	{name: "Table.ForeignKeyJoin", kind: "foreignkeyjoin", timed: true, behind: "latesttable of right", takes: []string{failures, diverted}, diverts: divert[stream.Match[row, row]],
		forgets: []string{"foreign"}, // the keys have failures of their own
		add: func(c *call) stream.Stream[string] {
			return changes(c.table().ForeignKeyJoin(c.otherTable("other"), arg(c, "foreign", func(k string, _ row) string { c.hit("foreign"); return k }),
				set(c, "kind", stream.LeftOuter, stream.Inner), arg(c, "f", c.match), c.opts...))
		}},
	{name: "Keyed.Over", kind: "over", timed: true, takes: []string{ttl},
		add: func(c *call) stream.Stream[string] {
			return c.keyed().Over(arg(c, "columns", c.columns()), c.opts...)
		}},
	{name: "Table.OrderBy", kind: "orderby", timed: true, behind: "latesttable", takes: []string{failures, diverted}, diverts: divert[stream.Change[row]],
		forgets: []string{"compare"}, // it is called where rows are put in order
		add: func(c *call) stream.Stream[string] {
			opts, top := c.opts, []stream.Option(nil)
			if c.failing == "compare" {
				opts, top = c.opts[1:], c.opts[:1] // the name is that of the operator that calls it
			}
			return changes(c.table().OrderBy(arg(c, "partition", func(string, row) bool { c.hit("partition"); return true }),
				arg(c, "compare", func(a, b row) int { c.hit("compare"); return a.N - b.N }), opts...).Top(2, top...))
		}},
	{name: "Ordered.Top", kind: "overtable", timed: true, behind: "latesttable", takes: []string{exposed}, exposes: exposeBoard[row],
		add: func(c *call) stream.Stream[string] { return changes(c.ordered().Top(set(c, "n", 2, 1), c.opts...)) }},
	{name: "Ordered.TopOver", kind: "overtable", timed: true, behind: "latesttable", takes: []string{exposed}, exposes: exposeBoard[string],
		add: func(c *call) stream.Stream[string] {
			return changes(c.ordered().TopOver(set(c, "n", 2, 1), arg(c, "columns", c.columns()), c.opts...))
		}},
	{name: "Ordered.Over", kind: "overtable", timed: true, behind: "latesttable", takes: []string{exposed}, exposes: exposeBoard[string],
		add: func(c *call) stream.Stream[string] {
			return changes(c.ordered().Over(arg(c, "columns", c.columns()), c.opts...))
		}},
	{name: "pattern.Match", kind: "apply", timed: true, takes: []string{failures, diverted, ordered, ttl}, inner: patternParams,
		add: func(c *call) stream.Stream[string] {
			return matched(pattern.Match(arg(c, "in", c.keyed()), tries(c), c.opts...))
		}},
}

// ordered is the table in order that its operators are called on.
func (c *call) ordered() stream.Ordered[bool, string, row] {
	return arg(c, "receiver", stream.LatestTable(c.left.KeyBy(row.key)).
		OrderBy(func(string, row) bool { return true }, func(a, b row) int { return a.N - b.N }))
}

// columns are what Over works out.
func (c *call) columns() over.Selection[row, string] {
	return over.Select(
		over.Row(func(s *string, r row) { c.hit("columns"); *s = r.text() }),
		over.Aggregate(over.Rows(over.All, 0), window.Count[row](), func(s *string, n int64) { *s += fmt.Sprint(", ", n) }))
}
