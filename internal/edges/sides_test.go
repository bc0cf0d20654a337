package edges_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// beside adds a Process, or a ConnectAll by no rules, with two side outputs of types of their own.
func besides(c *call, ruled bool, opts ...stream.Option) (out *streamtest.Output[string], odd *streamtest.Output[int], panes *streamtest.Output[stream.Pane[stream.NoKey, int64]]) {
	var numbers stream.Side[int]
	var times stream.Side[time.Time]
	opts = append(opts, stream.SideOutput(&numbers), stream.SideOutput(&times))
	event := func(x *stream.KeyContext[string, int, string], r row) error {
		if r.N%2 == 1 {
			x.EmitTo(&numbers, r.N)
		}
		x.SetTimer(r.when().Add(time.Second))
		x.Emit(r.text())
		return nil
	}
	timer := func(x *stream.KeyContext[string, int, string]) error {
		x.EmitTo(&times, x.Time())
		x.EmitTo(&numbers, -int(x.Time().Unix()))
		return nil
	}
	k := c.left.EventTime(row.when).KeyBy(row.key)
	var s stream.Stream[string]
	if ruled {
		s = k.ConnectAll(c.right.KeyBy(row.key), func(row) stream.Change[int] { return stream.Change[int]{Kind: stream.Delete} },
			func(x *stream.KeyContext[string, int, string], _ *stream.Rules[string, int], r row) error {
				return event(x, r)
			},
			func(x *stream.KeyContext[string, int, string], _ *stream.Rules[string, int]) error { return timer(x) },
			append(opts, stream.NoWaitForRules())...)
	} else {
		streamtest.Collect(c.right)
		s = k.Process(event, timer, opts...)
	}
	return streamtest.Collect(s), streamtest.Collect(numbers.Stream()), streamtest.Collect(times.Stream().Window(window.Tumbling(time.Minute)).Count())
}

// What Process and ConnectAll put out to sides has the time of its event or timer, and is in front of the watermark: windows count all of it.
func TestSidesOfProcess(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for _, ruled := range []bool{false, true} {
			c, left, right := newCall()
			out, odd, panes := besides(c, ruled, stream.InOrder())
			d := streamtest.Start(t, c.p, streamtest.Shards(shards))
			left.Push(row{"a", 1, 1}, row{"b", 2, 2}, row{"a", 3, 30}, row{"a", 4, 61}, row{"b", 5, 90})
			right.Push(row{"a", 1, 1})
			d.Settle()
			require.Len(t, out.Take(), 4)
			first := panes.Take()
			require.Len(t, first, 1)
			require.EqualValues(t, 3, first[0].Value, "the timers of the first minute")
			left.End()
			right.End()
			d.Settle()
			require.Len(t, out.Take(), 1)
			require.Len(t, panes.Take(), 1)
			var all []string
			for _, e := range odd.TakeEvents() {
				all = append(all, fmt.Sprint(e.Value, " at ", e.Time.Std().Unix()))
			}
			require.ElementsMatch(t, []string{"1 at 1", "3 at 30", "5 at 90", "-2 at 2", "-3 at 3", "-31 at 31", "-62 at 62", "-91 at 91"}, all)
			d.Kill()
		}
	}
}

// Sides are no part of a checkpoint and go on with it: nothing is lost or comes twice.
func TestSidesGoOn(t *testing.T) {
	for _, ruled := range []bool{false, true} {
		streamtest.Recovery(t, func() streamtest.Scene {
			c, left, right := newCall()
			out, odd, panes := besides(c, ruled)
			s := streamtest.Scene{Pipeline: c.p, Outputs: []streamtest.Drained{out, odd, panes}}
			for i := range int64(6) {
				s.Steps = append(s.Steps, func(*streamtest.Driver) { left.Push(row{string(rune('a' + i%3)), int(i), 17 * i}) })
			}
			s.Steps = append(s.Steps, func(*streamtest.Driver) { right.End() }, func(*streamtest.Driver) { left.End() })
			return s
		})
	}
}

// A Side that Process was not given is a failure of the event, and one that is given twice a panic.
func TestSideOfAnother(t *testing.T) {
	c, _, _ := newCall()
	var mine, other stream.Side[int]
	streamtest.Collect(c.right)
	streamtest.Collect(c.left.KeyBy(row.key).Process(func(x *stream.KeyContext[string, int, string], r row) error {
		x.EmitTo(&other, r.N)
		return nil
	}, nil, stream.SideOutput(&mine)))
	require.PanicsWithValue(t, "stream: process and again put out to the same Side", func() {
		c.left.KeyBy(row.key).Process(func(*stream.KeyContext[string, int, string], row) error { return nil }, nil, stream.Name("again"), stream.SideOutput(&mine))
	})
	c, left, right := newCall()
	streamtest.Collect(c.right)
	streamtest.Collect(c.left.KeyBy(row.key).Process(func(x *stream.KeyContext[string, int, string], r row) error {
		x.EmitTo(&other, r.N)
		return nil
	}, nil))
	left.Push(row{"a", 1, 1})
	left.End()
	right.End()
	require.ErrorContains(t, settled(c), "process at partition 0 event 0: panic: EmitTo a Side that the operator was not given SideOutput of")
}

// Each event is in the stream of its number, and in no other; a number that there is not is a failure.
func TestSplitBy(t *testing.T) {
	c, left, right := newCall()
	streamtest.Collect(c.right)
	var outs []*streamtest.Output[row]
	for _, part := range c.left.EventTime(row.when).SplitBy(3, func(r row) int { return r.N }, stream.SkipFailures()) {
		outs = append(outs, streamtest.Collect(part))
	}
	d := streamtest.Start(t, c.p)
	left.Push(row{"a", 2, 1}, row{"a", 0, 2}, row{"b", 3, 3}, row{"a", 2, 4}, row{"b", -1, 5}, row{"c", 1, 6})
	d.Settle()
	require.Equal(t, []row{{"a", 0, 2}}, outs[0].Take())
	require.Equal(t, []row{{"c", 1, 6}}, outs[1].Take())
	require.Equal(t, []row{{"a", 2, 1}, {"a", 2, 4}}, outs[2].Take())
	stats, _ := c.p.Stats().Operator("splitby")
	require.EqualValues(t, 2, stats.Failed)
	left.End()
	right.End()
	d.Settle()
	for _, out := range outs {
		require.Contains(t, out.Watermarks(), window.MaxTime)
	}
	for _, n := range []int{0, -1} {
		require.PanicsWithValue(t, fmt.Sprintf("stream: SplitBy in %d: not positive", n), func() { c.left.SplitBy(n, func(row) int { return 0 }) })
	}
	c, _, _ = newCall()
	c.left.SplitBy(2, func(row) int { return 0 })[0].To(&streamtest.Output[row]{})
	require.ErrorContains(t, c.p.Validate(), "nothing consumes splitby (1)")
}

// A failure of rules is told once, whatever the number of shards, and names its side; the rule stays what it was.
func TestFailuresOfRules(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		c, left, right := newCall()
		var bad stream.Failures[int]
		numbers := c.right.EventTime(row.when, stream.Name("right time")).Map(func(r row) int { return r.N }).KeyBy(func(n int) int { return n % 10 })
		out := streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).ConnectAll(numbers,
			func(n int) stream.Change[int] {
				if n > 90 {
					panic(errBroken)
				}
				if n > 80 {
					return stream.Change[int]{} // of no kind
				}
				return stream.Change[int]{Kind: stream.Insert, After: n}
			},
			func(x *stream.KeyContext[string, int, string], rules *stream.Rules[int, int], r row) error {
				n, _ := rules.Get(1)
				x.Emit(fmt.Sprint(r.Key, n))
				return nil
			}, nil, stream.InOrder(), stream.Divert(&bad)))
		failed := streamtest.Collect(bad.Stream())
		d := streamtest.Start(t, c.p, streamtest.Shards(shards))
		right.Push(row{"", 11, 1}, row{"", 91, 2}, row{"", 21, 3}, row{"", 81, 4})
		left.Push(row{"a", 0, 2}, row{"b", 0, 5}, row{"c", 0, 5})
		left.End()
		right.End()
		d.Settle()
		require.ElementsMatch(t, []string{"a11", "b21", "c21"}, out.Take())
		all := failed.Take()
		require.Len(t, all, 2)
		require.Equal(t, []int{91, 81}, []int{all[0].Value, all[1].Value})
		require.Equal(t, "right side, partition 0 event 1", all[0].Position)
		require.ErrorContains(t, all[1].Err, "ChangeKind(0) is no kind of a change")
		stats, _ := c.p.Stats().Operator("connectall")
		require.EqualValues(t, 2, stats.Failed)
		d.Kill()
	}
}

// Rules have a say in time, unless they are told to have none; then they need no time, and count for what comes after them.
func TestWhoseTimeCounts(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for _, waits := range []bool{true, false} {
			c, left, right := newCall()
			var opts []stream.Option
			if !waits {
				opts = append(opts, stream.NoWaitForRules(), stream.TimeToLive(time.Hour))
			}
			out := streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).ConnectAll(c.right.KeyBy(row.key),
				func(r row) stream.Change[int] {
					if r.N == 0 {
						return stream.Change[int]{Kind: stream.Delete}
					}
					return stream.Change[int]{Kind: stream.Update, After: r.N}
				},
				func(x *stream.KeyContext[string, int, string], rules *stream.Rules[string, int], r row) error {
					n, is := rules.Get("rule")
					x.Emit(fmt.Sprint(r.N, " by ", n, is))
					return nil
				}, nil, append(opts, stream.InOrder())...))
			d := streamtest.Start(t, c.p, streamtest.Shards(shards))
			left.Push(row{"a", 1, 10}, row{"b", 2, 20})
			d.Settle()
			if waits {
				require.Empty(t, out.Take())
				right.PushAt(second(5), row{"rule", 7, 5})
				right.AdvanceWatermark(second(11))
				d.Settle()
				require.Equal(t, []string{"1 by 7 true"}, out.Take())
				right.PushAt(second(20), row{"rule", 8, 20}) // of the time of the event
				right.AdvanceWatermark(second(30))
				left.Push(row{"a", 3, 21})
				d.Settle()
				require.Equal(t, []string{"2 by 8 true"}, out.Take())
				right.Push(row{"rule", 9, 40})
				require.ErrorContains(t, d.Try(), "right side: without NoWaitForRules: its events have no event time")
				continue
			}
			require.Equal(t, []string{"1 by 0 false"}, out.Take())
			right.Push(row{"rule", 7, 1})
			d.Settle()
			left.Push(row{"a", 3, 21})
			d.Settle()
			require.Equal(t, []string{"2 by 7 true"}, out.Take())
			right.Push(row{"rule", 0, 1})
			d.Settle()
			left.Push(row{"a", 4, 22})
			d.Settle()
			require.Equal(t, []string{"3 by 0 false"}, out.Take())
			left.End() // the data decide: nothing waits for the rules to end
			d.Settle()
			require.Equal(t, []string{"4 by 0 false"}, out.Take())
			d.Kill()
		}
	}
}
