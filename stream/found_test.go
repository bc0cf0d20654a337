package stream_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// What reviews have found, so that it stays mended.

func TestKeysThatAreNotEqualToThemselves(t *testing.T) {
	type point struct{ X, Y float64 }
	all := []point{{1, 2}, {1, math.NaN()}, {math.Copysign(0, -1), 3}, {0, 3}}
	p := stream.New("test")
	out := sink.Collect[float64]()
	p.From(source.Slice(all)).
		KeyBy(func(p point) point { return p }, stream.Name("key"), stream.SkipFailures()).
		Lookup(func(_ context.Context, k point) (float64, error) { return 10, nil },
			func(p point, n float64) float64 { return p.X + p.Y + n }).
		To(out)
	require.NoError(t, p.Run(t.Context()))
	require.ElementsMatch(t, []float64{13, 13, 13}, out.Values())
	stats, _ := p.Stats().Operator("key")
	require.Equal(t, int64(1), stats.Failed)

	p = stream.New("test")
	p.From(source.Slice([]float64{1, math.NaN()}), stream.Name("in")).
		KeyBy(func(f float64) float64 { return f }).
		Running(window.Count[float64]()).
		To(sink.Discard[stream.KeyValue[float64, int64]]())
	require.ErrorContains(t, p.Run(t.Context()), "slice 0 event 1: the key is NaN")
}

// What a FlatMap makes of one event has one time and one place.
func TestOuterIntervalJoinOfOnePlace(t *testing.T) {
	p := stream.New("test")
	left, right := streamtest.NewInput[tick](), streamtest.NewInput[tick]()
	threes := p.From(left).FlatMap(func(e tick, emit func(tick)) {
		for i := range 3 {
			e.Val = int64(i)
			emit(e)
		}
	}).EventTime(tickTime).KeyBy(tickKey)
	fives := p.From(right).EventTime(tickTime).KeyBy(tickKey)
	matches := func(lower, upper time.Duration, kind stream.JoinKind) *streamtest.Output[string] {
		return streamtest.Collect(threes.IntervalJoin(fives, lower, upper, kind, func(m stream.Match[tick, tick]) string {
			if m.HasRight {
				return fmt.Sprint(m.Left.Key, m.Left.Val, " with ", m.Right.Val)
			}
			return fmt.Sprint(m.Left.Key, m.Left.Val, " alone")
		}))
	}
	out := matches(0, time.Second, stream.LeftOuter)
	d := streamtest.Start(t, p)
	left.Push(tick{Key: 1, At: 10}, tick{Key: 2, At: 10})
	d.Settle()
	right.Push(tick{Key: 2, At: 11, Val: 5})
	left.End()
	right.End()
	d.Settle()
	require.ElementsMatch(t, []string{
		"1 0 alone", "1 1 alone", "1 2 alone", "2 0 with 5", "2 1 with 5", "2 2 with 5",
	}, out.Take())
}

// Events with and without event times may meet; neither gets the other's.
func TestMergeOfTimedAndUntimed(t *testing.T) {
	var timed, untimed []tick
	for i := range 40 {
		timed = append(timed, tick{Key: i, At: int64(i + 1)})
		untimed = append(untimed, tick{Key: i, At: -1})
	}
	for shards := 1; shards <= 3; shards++ {
		for _, batch := range []int{1, 7, 512} {
			p := stream.New("test")
			in, bare := streamtest.NewInput[tick](), streamtest.NewInput[tick]()
			both := p.From(in).EventTime(tickTime).Merge(p.From(bare))
			keyed := streamtest.Collect(both.KeyBy(tickKey).Process(
				func(c *stream.KeyContext[int, struct{}, tick], e tick) error { c.Emit(e); return nil }, nil))
			spread := streamtest.Collect(both.Rebalance())
			d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.BatchSize(batch))
			for i := range timed {
				in.Push(timed[i])
				bare.Push(untimed[i])
				if i%9 == 0 {
					d.Settle()
				}
			}
			in.End()
			bare.End()
			d.Settle()
			for _, out := range []*streamtest.Output[tick]{keyed, spread} {
				events := out.TakeEvents()
				require.Len(t, events, 80)
				for _, e := range events {
					if e.Value.At > 0 {
						require.Equal(t, tickTime(e.Value).UTC(), e.Time.Std().UTC(), "%d shards", shards)
					}
				}
			}
		}
	}
}

// A timer of the clock is no event: it finds the state, and does not prolong
// its life in event time.
func TestClockTimerAndTimeToLive(t *testing.T) {
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	out := streamtest.Collect(p.From(in).EventTime(tickTime).KeyBy(tickKey).Process(
		func(c *stream.KeyContext[int, int, string], e tick) error {
			*c.State()++
			c.SetClockTimer(c.Now().Add(time.Minute))
			c.Emit(fmt.Sprint("event ", e.At, " ", *c.State()))
			return nil
		},
		func(c *stream.KeyContext[int, int, string]) error {
			c.Emit(fmt.Sprint("timer ", *c.State(), " ", c.OnClock()))
			return nil
		}, stream.TimeToLive(time.Hour)))
	d := streamtest.Start(t, p)
	in.Push(tick{At: 99}, tick{At: 100})
	d.Settle()
	d.Advance(time.Minute)
	in.Push(tick{At: 101})
	d.Settle()
	in.Push(tick{At: 100_000})
	d.Settle()
	require.Equal(t, []string{"event 99 1", "event 100 2", "timer 2 true", "event 101 3", "event 100000 1"}, out.Take())
}

// A timer of event time that comes between events is not one of the clock,
// though one of those has fired just before.
func TestTimersOfBothKinds(t *testing.T) {
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	out := streamtest.Collect(p.From(in).EventTime(tickTime).KeyBy(tickKey).Process(
		func(c *stream.KeyContext[int, int, string], e tick) error {
			c.SetTimer(c.Time().Add(time.Second))
			c.SetClockTimer(c.Now().Add(time.Second))
			return nil
		},
		func(c *stream.KeyContext[int, int, string]) error {
			c.Emit(fmt.Sprint(c.Time().Unix(), " ", c.OnClock()))
			return nil
		}, stream.InOrder()))
	d := streamtest.Start(t, p, streamtest.At(time.Unix(1000, 0)))
	in.Push(tick{At: 10}, tick{At: 10}, tick{At: 20})
	d.Settle() // those at 10 are through
	d.Advance(time.Second)
	in.Push(tick{At: 30}, tick{At: 40})
	d.Settle()
	require.Equal(t, []string{"11 false", "1001 true", "21 false", "31 false"}, out.Take())
}

// Behind an operator that mixes partitions there is one stream, and a second
// EventTime has one watermark for it.
func TestSecondEventTime(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		p := stream.New("test")
		in := streamtest.NewInput[tick](3)
		out := streamtest.Collect(p.From(in).EventTime(tickTime).KeyBy(func(e tick) int { return int(e.At) % 16 }).
			Process(func(c *stream.KeyContext[int, int, tick], e tick) error { c.Emit(e); return nil }, nil, stream.InOrder()).
			EventTime(func(e tick) time.Time { return tickTime(e).Add(time.Hour) }, stream.Disorder(time.Second)).
			KeyBy(tickKey).Window(window.Tumbling(10 * time.Second)).Count())
		d := streamtest.Start(t, p, streamtest.Shards(shards))
		for i := range 30 {
			for part := range 3 {
				in.PushTo(part, tick{At: int64(i)})
			}
		}
		d.Settle()
		require.Len(t, out.Take(), 2, "%d shards: the input has not ended", shards)
		for part := range 3 {
			in.PushTo(part, tick{At: 100})
		}
		in.End()
		d.Settle()
		require.Len(t, out.Take(), 2)
	}
}
