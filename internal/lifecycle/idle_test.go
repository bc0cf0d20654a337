package lifecycle_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

const ms = time.Millisecond

func slowly(d time.Duration) func(event) event {
	return func(e event) event {
		time.Sleep(d) // of the bubble
		return e
	}
}

func quickly(e event) event { return e }

// counted counts the events of both partitions in windows, and returns the sum
// and how many were dropped.
func counted(t *testing.T, src *scripted, before, behind func(event) event, shape func(stream.Stream[event]) stream.Stream[event],
	times []stream.TimeOption, opts ...stream.RunOption,
) (sum, dropped int64) {
	t.Helper()
	p := stream.New("idle")
	out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
	shape(p.From(src).Map(before)).
		EventTime(event.time, times...).
		Map(behind).
		Window(window.Tumbling(time.Second)).Count(stream.Name("count")).
		To(out)
	require.NoError(t, p.Run(t.Context(), opts...))
	for _, pane := range out.Values() {
		sum += pane.Value
	}
	s, _ := p.Stats().Operator("count")
	return sum, s.TooLate
}

func asItIs(s stream.Stream[event]) stream.Stream[event]     { return s }
func rebalanced(s stream.Stream[event]) stream.Stream[event] { return s.Rebalance() }

// A partition that was always ready is never idle, however slow the stage is
// that reads it, what holds it up, and whoever is read before.
func TestReadyPartitionsAreNotIdle(t *testing.T) {
	idle := stream.Idle(200 * ms)
	for name, c := range map[string]struct {
		waits          bool
		before, behind func(event) event
		shape          func(stream.Stream[event]) stream.Stream[event]
		times          []stream.TimeOption
		opts           []stream.RunOption
	}{
		"slow behind":           {behind: slowly(ms)},
		"slow before":           {before: slowly(ms)},
		"tasks of their own":    {waits: true, behind: slowly(ms)},
		"bounded drift":         {waits: true, behind: slowly(ms), times: []stream.TimeOption{stream.MaxDrift(time.Second)}},
		"held up behind":        {behind: slowly(ms), opts: []stream.RunOption{stream.Shards(3)}},
		"slow before exchange":  {before: slowly(ms), shape: rebalanced, opts: []stream.RunOption{stream.Shards(3)}},
		"slow behind exchange":  {behind: slowly(ms), shape: rebalanced, opts: []stream.RunOption{stream.Shards(3)}},
		"checkpoints all along": {behind: slowly(ms), opts: []stream.RunOption{stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 30*ms)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.before == nil {
					c.before = quickly
				}
				if c.behind == nil {
					c.behind = quickly
				}
				if c.shape == nil {
					c.shape = asItIs
				}
				if c.opts == nil {
					c.opts = []stream.RunOption{stream.Shards(1)}
				}
				var parts [][]act
				for i := range 2 {
					var all []act
					for k := range 6 {
						var at []int
						for j := range 500 {
							at = append(at, 10*(500*k+j))
						}
						all = append(all, gives(i, at...))
					}
					parts = append(parts, all)
				}
				times := append(c.times, idle)
				if strings.HasSuffix(name, "exchange") { // which mixes the partitions
					times = append(times, stream.Disorder(30*time.Second))
				}
				sum, dropped := counted(t, &scripted{parts: parts, waits: c.waits, ends: true}, c.before, c.behind, c.shape, times, c.opts...)
				assert.EqualValues(t, 6000, sum)
				assert.Zero(t, dropped)
			})
		})
	}
}

// A partition whose Read waits in vain is left out after as long as Idle says,
// also when Read is interrupted meanwhile, by checkpoints say.
func TestSilentPartitionIsIdle(t *testing.T) {
	for _, every := range []time.Duration{time.Hour, 70 * ms} {
		synctest.Test(t, func(t *testing.T) {
			src := &scripted{waits: true, parts: [][]act{
				append(row(0, 20, 100), after(150*ms, gives(0, 2000)), after(10*time.Second, gives(0, 60_000))),
				{gives(1, 0)},
			}}
			p := stream.New("idle")
			start := time.Now()
			var first time.Duration
			ctx, cancel := context.WithCancel(t.Context())
			p.From(src).EventTime(event.time, stream.Idle(200*ms)).
				Window(window.Tumbling(time.Second)).Count().
				To(sink.Func(func(context.Context, stream.Event[stream.Pane[stream.NoKey, int64]]) error {
					if first == 0 {
						first = time.Since(start)
						cancel()
					}
					return nil
				}))
			err := p.Run(ctx, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), every))
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 200*ms, first)
		})
	}
}

// What filters take out before EventTime is nothing to it: a partition that
// gives nothing else does not hold the others up for ever.
func TestFilteredPartitionIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var noise []act
		for range 100 {
			noise = append(noise, after(10*ms, gives(1, -1)))
		}
		src := &scripted{waits: true, parts: [][]act{append(row(0, 20, 100), after(850*ms, gives(0, 2000))), noise}}
		p := stream.New("idle")
		out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
		p.From(src).Filter(func(e event) bool { return e.At >= 0 }).
			EventTime(event.time, stream.Idle(200*ms)).
			Window(window.Tumbling(time.Second)).Count().To(out)
		ctx, cancel := context.WithTimeout(t.Context(), 899*ms)
		defer cancel()
		require.ErrorIs(t, p.Run(ctx, stream.Shards(1)), context.DeadlineExceeded)
		require.Len(t, out.Values(), 2)
	})
}

// Events that all fail, as those of a device whose clock is wrong do where MaxAhead is set, say nothing either: the partition is idle, or
// its watermark goes on with the clock.
func TestFailingPartitionIsIdle(t *testing.T) {
	far := int(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	for name, start := range map[string]func(p *stream.Pipeline, good, bad []act) stream.Stream[event]{
		"one source": func(p *stream.Pipeline, good, bad []act) stream.Stream[event] {
			return p.From(&scripted{waits: true, parts: [][]act{good, bad}})
		},
		"merge": func(p *stream.Pipeline, good, bad []act) stream.Stream[event] {
			return p.From(&scripted{waits: true, parts: [][]act{good}}, stream.Name("a")).
				Merge(p.From(&scripted{waits: true, parts: [][]act{bad}}, stream.Name("b")))
		},
	} {
		for _, clock := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				silence, lasts := stream.TimeOption(stream.Idle(200*ms)), 899*ms
				if clock {
					silence, lasts = stream.AdvanceWhenQuiet(200*ms), 2900*ms
				}
				bad := []act{gives(1, 0)}
				for range 400 {
					bad = append(bad, after(10*ms, gives(1, far, far)))
				}
				p := stream.New("failing")
				out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
				start(p, append(row(0, 20, 100), after(850*ms, gives(0, 2000))), bad).
					EventTime(event.time, silence, stream.MaxAhead(time.Hour), stream.SkipFailures()).
					Window(window.Tumbling(time.Second)).Count().To(out)
				ctx, cancel := context.WithTimeout(t.Context(), lasts)
				defer cancel()
				require.ErrorIs(t, p.Run(ctx, stream.Shards(1)), context.DeadlineExceeded)
				require.Len(t, out.Values(), 2, "%s, with AdvanceWhenQuiet: %v", name, clock)
				require.EqualValues(t, 11, out.Values()[0].Value)
				require.EqualValues(t, 10, out.Values()[1].Value)
			})
		}
	}
}

// The partitions may as well be of two sources, which other tasks read.
func TestFilteredSourceIsIdle(t *testing.T) {
	meant := func(e event) bool { return e.At >= 0 }
	for name, shape := range map[string]func(a, b stream.Stream[event]) stream.Stream[event]{
		"merge":  func(a, b stream.Stream[event]) stream.Stream[event] { return a.Merge(b).Filter(meant) },
		"before": func(a, b stream.Stream[event]) stream.Stream[event] { return a.Filter(meant).Merge(b.Filter(meant)) },
		"union": func(a, b stream.Stream[event]) stream.Stream[event] {
			return stream.Union([]stream.Stream[event]{a, b}).Filter(meant)
		},
	} {
		for _, clock := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var noise []act
				for range 300 {
					noise = append(noise, after(10*ms, gives(1, -1)))
				}
				talks := append(row(0, 20, 100), after(850*ms, gives(0, 2000)))
				silence, other, lasts := stream.TimeOption(stream.Idle(200*ms)), noise, 899*ms
				if clock { // nobody gives anything else, and the time goes on
					silence, talks, other, lasts = stream.AdvanceWhenQuiet(200*ms), append(row(0, 20, 100), noise...), nil, 2500*ms
				}
				p := stream.New("idle")
				out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
				a := p.From(&scripted{waits: true, parts: [][]act{talks}}, stream.Name("a"))
				b := p.From(&scripted{waits: true, ends: clock, parts: [][]act{other}}, stream.Name("b"))
				shape(a, b).EventTime(event.time, silence).
					Window(window.Tumbling(time.Second)).Count().To(out)
				ctx, cancel := context.WithTimeout(t.Context(), lasts)
				defer cancel()
				require.ErrorIs(t, p.Run(ctx, stream.Shards(1)), context.DeadlineExceeded)
				require.Len(t, out.Values(), 2, "%s, with AdvanceWhenQuiet: %v", name, clock)
				require.EqualValues(t, 10, out.Values()[1].Value)
			})
		}
	}
}

// A partition whose batches a Rebalance deals to one shard after the other talks, although each shard hears of it seldom: it is waited for.
func TestDealtPartitionIsNotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow, fast []act
		for i := range 30 {
			slow = append(slow, after(100*ms, gives(0, 100*i)))
			fast = append(fast, after(100*ms, gives(1, 60_000+100*i)))
		}
		p := stream.New("dealt")
		out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
		a := p.From(&scripted{waits: true, ends: true, parts: [][]act{slow}}, stream.Name("a"))
		b := p.From(&scripted{waits: true, ends: true, parts: [][]act{fast}}, stream.Name("b"))
		a.Merge(b).Rebalance().EventTime(event.time, stream.Idle(300*ms)).
			Window(window.Tumbling(time.Second)).Count(stream.Name("count")).To(out)
		require.NoError(t, p.Run(t.Context(), stream.Shards(8), stream.BatchSize(1)))
		s, _ := p.Stats().Operator("count")
		require.Zero(t, s.TooLate)
	})
}

// A shard that is given nothing is idle once all before it wait.
func TestSilentShardIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &scripted{waits: true, parts: [][]act{append(row(0, 20, 100), after(300*ms, gives(0, 2000)))}}
		p := stream.New("idle")
		out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
		p.From(src).Rebalance().EventTime(event.time, stream.Idle(200*ms)).
			Window(window.Tumbling(time.Second)).Count().To(out)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.ErrorIs(t, p.Run(ctx, stream.Shards(3), stream.BatchSize(100)), context.DeadlineExceeded)
		require.Len(t, out.Values(), 2, "the shards that were given nothing hold the first window up")
	})
}
