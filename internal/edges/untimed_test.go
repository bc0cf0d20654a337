package edges_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// rows are events that are of use to every operator.
var rows = []row{{"a", 1, 1}, {"b", 2, 2}, {"a", 3, 30}}

// refused has err be that of an operator which was given events without time.
func refused(t *testing.T, err error, operator, what string) {
	t.Helper()
	require.ErrorIs(t, err, stream.ErrNoTime, what)
	var of *stream.OperatorError
	require.ErrorAs(t, err, &of, what)
	require.Equal(t, operator, of.Operator, what)
	require.ErrorContains(t, err, "call EventTime before it, or use a source that has it", what)
}

// An operator that goes by event time is an error where there is none, and
// what others put out has none either: a window behind them is the error then.
func TestWithoutEventTime(t *testing.T) {
	for _, o := range operators {
		for shards := 1; shards <= 2; shards++ {
			c, left, right := newCall()
			windowed := streamtest.Collect(o.add(c).Window(window.Tumbling(time.Minute)).Count(stream.Name("behind")))
			d := streamtest.Start(t, c.p, streamtest.Shards(shards))
			for _, in := range []*streamtest.Input[row]{c.src, right, left} {
				in.Push(rows...)
				in.End()
			}
			err := d.Try()
			switch what := fmt.Sprint(o.name, " on ", shards); {
			case o.times:
				require.NoError(t, err, what)
			case o.timed && o.behind != "":
				var of *stream.OperatorError
				require.ErrorAs(t, err, &of, what)
				require.Contains(t, []string{o.behind, o.kind, "latesttable"}, of.Operator, what)
				refused(t, err, of.Operator, what)
			case o.timed && o.kind == "window":
				refused(t, err, "aggregate", what)
			case o.timed:
				refused(t, err, o.kind, what)
			default:
				refused(t, err, "behind", what)
			}
			require.True(t, o.times || len(windowed.Take()) == 0, "%s: there is a pane of events without time", o.name)
		}
	}
}

// The options that go by event time make an operator one that does.
func TestOptionsWithoutEventTime(t *testing.T) {
	for _, o := range operators {
		for _, name := range o.takes {
			if name != ordered && name != ttl {
				continue
			}
			c, left, right := newCall()
			c.opts = []stream.Option{options[name](o)}
			streamtest.Collect(o.add(c))
			d := streamtest.Start(t, c.p)
			right.Push(rows...)
			if name == ttl && o.kind == "tablejoin" {
				require.NoError(t, d.Try(), "the table needs no event time")
			}
			left.Push(rows...)
			err := d.Try()
			refused(t, err, cmp.Or(o.behind, o.kind), o.name+" with "+name)
			if !o.timed {
				require.ErrorContains(t, err, name)
			}
		}
	}
}

// Timers of event time need it too; those of the clock do not, and what they
// put out has none.
func TestTimersWithoutEventTime(t *testing.T) {
	for name, add := range map[string]func(stream.Keyed[string, row]) stream.Stream[string]{
		"event": func(k stream.Keyed[string, row]) stream.Stream[string] {
			return k.Process(func(c *stream.KeyContext[string, int, string], r row) error {
				require.True(t, c.Time().IsZero())
				c.SetTimer(r.when())
				return nil
			}, func(*stream.KeyContext[string, int, string]) error { return nil })
		},
		"clock": func(k stream.Keyed[string, row]) stream.Stream[string] {
			return k.Process(func(c *stream.KeyContext[string, int, string], r row) error {
				c.SetClockTimer(c.Now().Add(time.Minute))
				return nil
			}, func(c *stream.KeyContext[string, int, string]) error {
				if c.Key() == "timer" {
					c.SetTimer(second(1))
				}
				c.Emit("timer of " + c.Key())
				return nil
			})
		},
	} {
		c, left, right := newCall()
		out := streamtest.Collect(add(c.left.Merge(c.right).KeyBy(row.key)))
		d := streamtest.Start(t, c.p)
		left.Push(row{"a", 1, 1})
		if name == "event" {
			refused(t, d.Try(), "process", name)
			continue
		}
		d.Settle()
		d.Advance(time.Minute)
		require.Equal(t, []stream.Event[string]{{Value: "timer of a", Time: window.MinTime}}, out.TakeEvents())
		right.PushAt(second(5), row{"b", 1, 5}) // of a stream that has event times
		d.Settle()
		d.Advance(time.Minute)
		require.Equal(t, []stream.Event[string]{{Value: "timer of b", Time: stream.Time(d.Now().UnixNano())}}, out.TakeEvents())
		left.Push(row{"timer", 1, 1})
		d.Settle()
		d.Advance(time.Minute)
		require.Len(t, out.Take(), 1)
	}
}

// Events with and without event times go through an operator side by side, in
// their order, and each as it is.
func TestMixedEventTimes(t *testing.T) {
	for _, o := range operators {
		if o.timed || o.times || o.name == "Pipeline.From" {
			continue
		}
		for _, batch := range []int{1, 512} {
			c, left, right := newCall()
			in := c.left.Merge(c.right)
			c.left = in
			out := streamtest.Collect(o.add(c))
			d := streamtest.Start(t, c.p, streamtest.BatchSize(batch))
			var want []stream.Time
			for s := range int64(3) {
				left.Push(row{"a", 1, s})
				d.Settle()
				right.PushAt(second(s+1), row{"b", 2, s})
				d.Settle()
				want = append(want, window.MinTime, stream.Time(second(s+1).UnixNano()))
			}
			var got []stream.Time
			for _, e := range out.TakeEvents() {
				if e.Value != "timer b" {
					got = append(got, e.Time)
				}
			}
			if o.kind == "merge" || o.name == "Keyed.Connect" || o.name == "Keyed.ProcessBoth" { // right comes by itself too
				require.Subset(t, got, want, o.name)
				continue
			}
			require.Equal(t, want, got, o.name)
		}
	}
}

// An operator of the caller's own may put out both in one call: they part into
// batches of one and of the other, and a window takes those that have a time
// up to the first that has none.
func TestEmitterWithBoth(t *testing.T) {
	both := stream.Operator[row, string](func(*stream.OperatorContext) (stream.Processor[row, string], error) {
		return alternating{}, nil
	})
	c, left, _ := newCall()
	s := c.left.Apply(both)
	out := streamtest.Collect(s)
	d := streamtest.Start(t, c.p)
	left.PushAt(second(9), rows...)
	d.Settle()
	var want []stream.Event[string]
	for _, r := range rows {
		want = append(want, stream.Event[string]{Value: "with", Time: stream.Time(second(r.At).UnixNano())}, stream.Event[string]{Value: "without", Time: window.MinTime},
			stream.Event[string]{Value: "without", Time: window.MinTime}, stream.Event[string]{Value: "with", Time: 0})
	}
	require.Equal(t, want, out.TakeEvents())

	c, left, _ = newCall()
	panes := streamtest.Collect(c.left.Apply(both).Window(window.Tumbling(time.Minute)).Count())
	d = streamtest.Start(t, c.p)
	left.PushAt(second(9), rows...)
	refused(t, d.Try(), "aggregate", "both")
	require.Empty(t, panes.Take())
}

type alternating struct{}

func (alternating) Process(in *stream.Batch[row], out *stream.Emitter[string]) error {
	for _, r := range in.All() {
		out.Emit("with", stream.Time(second(r.At).UnixNano()))
		out.Emit("without", window.MinTime)
		out.Emit("without", window.MinTime)
		out.Emit("with", 0)
	}
	return nil
}

// Windows of a number of events need no event time, and have no bounds then.
func TestCountedWindowsWithoutEventTime(t *testing.T) {
	c, left, _ := newCall()
	w := c.left.KeyBy(row.key).Window(window.ByCount(2))
	counts, all := streamtest.Collect(w.Count()), streamtest.Collect(w.Group(func(p stream.Pane[string, []row]) string {
		return fmt.Sprint(p.Start.IsZero(), p.End.IsZero(), len(p.Value))
	}))
	d := streamtest.Start(t, c.p)
	left.Push(rows...)
	d.Settle()
	require.Equal(t, []stream.Event[stream.Pane[string, int64]]{{
		Value: stream.Pane[string, int64]{Key: "a", Timing: stream.OnTime, Value: 2}, Time: window.MinTime,
	}}, counts.TakeEvents())
	require.Equal(t, "true true 2", all.Take()[0].Value)
}

// Of a window of a number of events of which some have event times, these say
// when it begins and ends.
func TestCountedWindowsOfMixedEventTimes(t *testing.T) {
	for _, timed := range [][]int{{0, 2}, {1, 2}, {1, 3}} {
		c, left, right := newCall()
		out := streamtest.Collect(c.left.Merge(c.right).KeyBy(row.key).Window(window.ByCount(4)).Count())
		d := streamtest.Start(t, c.p)
		for i := range 4 {
			if slices.Contains(timed, i) {
				right.PushAt(second(int64(10-i)), row{"a", 1, 0})
			} else {
				left.Push(row{"a", 1, 0})
			}
			d.Settle()
		}
		panes := out.Take()
		require.Len(t, panes, 1)
		require.Equal(t, second(int64(10-timed[1])), panes[0].Start.UTC())
		require.Equal(t, second(int64(10-timed[0])).Add(1), panes[0].End.UTC())
	}
}

// A time that cannot be held is an error that has it, and what may be the cause.
func TestTimeOutOfRange(t *testing.T) {
	for text, at := range map[string]time.Time{
		"event time 0001-01-01 00:00:00 is outside the years 1678 to 2261, as that of a field that is not set": {},
		"event time 2300-01-01 00:00:00 is outside the years 1678 to 2261":                                     time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		p := stream.New("p")
		p.From(source.Slice([]int{1})).EventTime(func(int) time.Time { return at }).To(sink.Discard[int]())
		require.ErrorContains(t, p.Run(t.Context()), text)
	}
}
