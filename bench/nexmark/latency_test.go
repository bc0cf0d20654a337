package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// Where the pipeline takes no time, results come when they are due, but for
// the time that the source is patient.
func TestLatencyOfNothing(t *testing.T) {
	for _, shards := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			got, err := slidingCount(10, shards, 0, newTimerAlarm).run(t.Context(), 10_000, time.Second, time.Second)
			require.NoError(t, err)
			require.LessOrEqual(t, got.Max, time.Duration(shards)*patience+100*time.Microsecond)
			require.InDelta(t, 100*10, got.Results, 10, "100 windows of 10 keys")
			require.True(t, got.sustained())
		})
	}
}

// A pipeline that stands still for a second makes all results late that were due
// meanwhile: by half a second on average.
func TestLatencyCountsFromSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slide = 10 * time.Millisecond
		o := &openLoop[tick]{rate: 1000, events: 4000, partitions: 1, slide: int64(slide), begin: dawn, hopeless: time.Minute, alarms: newTimerAlarm,
			arrivals: func(int) func() (tick, int64, bool) {
				i := int64(-1)
				return func() (tick, int64, bool) {
					i++
					return tick{0, dawn + i*int64(time.Millisecond)}, dawn + i*int64(time.Millisecond), true
				}
			}}
		sums := stream.New("stands still")
		counts := sums.From(o).
			Tap(func(e tick) {
				if e.At == dawn+int64(2*time.Second) {
					time.Sleep(time.Second)
				}
			}).
			EventTime(tick.time).
			KeyBy(tick.key).
			Window(window.Tumbling(slide)).
			Count()
		s := &stopwatch[stream.Pane[int64, int64]]{loop: o, start: func() time.Time { return o.start },
			end: func(c stream.Pane[int64, int64]) int64 { return c.End.UnixNano() }, from: 2 * time.Second}
		counts.To(s)
		require.NoError(t, sums.Run(t.Context(), stream.BatchSize(1)))
		h := s.latencies()
		require.InDelta(t, 200, h.TotalCount(), 2, "windows in two seconds")
		require.InDelta(t, 1, time.Duration(h.Max()).Seconds(), 0.02)
		require.InDelta(t, 0.5, time.Duration(h.ValueAtQuantile(75)).Seconds(), 0.02)
		require.Less(t, time.Duration(h.ValueAtQuantile(45)), time.Millisecond)
	})
}

// What the pipeline does not keep up with is not sustained.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &openLoop[tick]{rate: 1000, events: 1 << 40, partitions: 1, slide: 1e7, begin: dawn, hopeless: time.Second, alarms: newTimerAlarm,
			arrivals: func(int) func() (tick, int64, bool) {
				return func() (tick, int64, bool) { return tick{}, dawn, true }
			}}
		p := stream.New("overload")
		slow := p.From(o).Tap(func(tick) { time.Sleep(2 * time.Millisecond) })
		got, err := watch(t.Context(), p, o, slow, func(tick) int64 { return 0 }, 1, 0, 0)
		require.NoError(t, err)
		require.False(t, got.sustained())
		require.Greater(t, got.Behind, time.Second)
	})
}

// The search ends within 5 % below the rate that is the highest.
func TestHighest(t *testing.T) {
	for _, limit := range []float64{20_000, 1e6, 3.3e6, 100e6} {
		l := load{"pretended", 1, func(_ context.Context, rate float64, _, _ time.Duration) (latencies, error) {
			if rate > limit {
				return latencies{Behind: time.Second}, nil
			}
			return latencies{}, nil
		}}
		got, err := highest(t.Context(), l, time.Second)
		require.NoError(t, err)
		require.LessOrEqual(t, got, limit)
		require.Greater(t, got, limit/1.06)
	}
	_, err := highest(t.Context(), load{"hopeless", 1, func(context.Context, float64, time.Duration, time.Duration) (latencies, error) {
		return latencies{Behind: time.Second}, nil
	}}, time.Second)
	require.Error(t, err)
}

func TestLatencyCommand(t *testing.T) {
	args := []string{"latency", "-rate", "400000", "-warm", "100ms", "-for", "400ms", "-keys", "10", "-shards", "2"}
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), append(args, "-json"), &out))
	var all []latencies
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	require.Len(t, all, 4)
	for i, l := range all {
		require.Equal(t, []string{"sliding", "sliding", "q5", "q5"}[i], l.Load)
		require.Equal(t, []float64{200_000, 320_000, 200_000, 320_000}[i], l.Rate)
		require.Positive(t, l.Results, l.Load)
		require.Positive(t, l.P50, l.Load)
		require.LessOrEqual(t, l.P50, l.P9999, l.Load)
		require.LessOrEqual(t, l.P9999, l.Max, l.Load)
	}
	out.Reset()
	require.NoError(t, command(t.Context(), append(args, "-load", "q5"), &out))
	require.Equal(t, 3, strings.Count(out.String(), "\n"))
	out.Reset()
	require.NoError(t, command(t.Context(), append(args, "-load", "sliding", "-share", "0.25", "-json"), &out))
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	require.Len(t, all, 1)
	require.Equal(t, 100_000.0, all[0].Rate)
	require.Error(t, command(t.Context(), append(args, "-share", "NaN"), io.Discard))
	require.EqualError(t, command(t.Context(), append(args, "-load", "q6"), io.Discard), `there is no load "q6"`)
	require.Error(t, command(t.Context(), []string{"latency", "-keys", "0"}, io.Discard))
}

func TestGrowthCommand(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"growth", "-events", "100000", "-json"}, &out))
	var all []grown
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	what := map[string]int{}
	for _, g := range all {
		what[g.What]++
		require.Positive(t, g.Results, "%+v", g)
		require.Positive(t, g.Time, "%+v", g)
		require.GreaterOrEqual(t, g.Time, g.Each, "%+v", g)
	}
	require.Equal(t, 3, what["events"])
	require.Equal(t, 2, what["keys"])
	require.Equal(t, 4, what["windows"])
	require.Positive(t, what["shards"])

	out.Reset()
	require.NoError(t, command(t.Context(), []string{"growth", "-events", "10000", "-grow", "windows"}, &out))
	require.Equal(t, 5, strings.Count(out.String(), "\n"))
	require.Error(t, command(t.Context(), []string{"growth", "-events", "1"}, io.Discard))
	require.EqualError(t, command(t.Context(), []string{"growth", "-events", "1000", "-grow", "weeds"}, io.Discard), `there is no growth of "weeds"`)
}

// A loop that is held back says for how long, and ends when it is told to.
func TestGaps(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"gaps", "-for", "20ms"}, &out))
	require.Equal(t, 1+runtime.GOMAXPROCS(0), strings.Count(out.String(), "\n"), out.String())
	begun := time.Now()
	at := []time.Duration{0, 100 * time.Microsecond, 3 * time.Millisecond, 14 * time.Millisecond, 14 * time.Millisecond, time.Second}
	s := look(t.Context(), time.Second, func() time.Time {
		now := begun.Add(at[0])
		at = at[1:]
		return now
	})
	require.Equal(t, standstill{above: [4]int{3, 3, 2, 2}, longest: 986 * time.Millisecond, sum: 999_900 * time.Microsecond}, s)
}
