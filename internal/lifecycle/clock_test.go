package lifecycle_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// ends counts by minute and gives the ends of the windows that have fired.
func minutes(s stream.Stream[event], times ...stream.TimeOption) stream.Stream[string] {
	return s.EventTime(event.time, times...).Window(window.Tumbling(time.Minute)).Count(stream.Name("count")).
		Map(func(p stream.Pane[stream.NoKey, int64]) string { return p.End.Format("15:04") })
}

func minute(n float64) event { return event{At: int(n * 60_000)} }

// The last window of the only partition closes when the clock has gone on for
// as long as it lasts, and for the silence before.
func TestQuietSourceGoesOnWithTheClock(t *testing.T) {
	in := streamtest.NewInput[event]()
	p := stream.New("quiet")
	out := streamtest.Collect(minutes(p.From(in), stream.AdvanceWhenQuiet(10*time.Second), stream.Disorder(time.Second)))
	d := streamtest.Start(t, p)
	d.Advance(time.Hour)
	require.Empty(t, out.Take())

	in.Push(minute(0), minute(0.5))
	d.Settle()
	d.Advance(40 * time.Second)
	require.Empty(t, out.Take(), "the watermark is a second before the end")
	d.Advance(time.Second)
	require.Equal(t, []string{"00:01"}, out.Take())

	in.Push(minute(0.9), minute(1.1)) // the one is late, and the other is not
	d.Settle()
	s, _ := p.Stats().Operator("count")
	require.EqualValues(t, 1, s.TooLate)
	d.Advance(10 * time.Second)
	require.Empty(t, out.Take(), "silence counts anew")
	d.Advance(time.Minute)
	require.Equal(t, []string{"00:02"}, out.Take())
}

// Each partition goes on by itself, and the lowest counts; with Idle those that
// are silent are left out while others are not.
func TestQuietPartitions(t *testing.T) {
	for _, c := range []struct {
		times []stream.TimeOption
		want  []string // of what has closed in each of six half minutes
	}{
		{[]stream.TimeOption{stream.AdvanceWhenQuiet(10 * time.Second)}, []string{"", "", "00:01", "", "00:02", ""}},
		{[]stream.TimeOption{stream.Idle(5 * time.Second)}, []string{"", "00:01", "", "00:02", "", ""}},
	} {
		in := streamtest.NewInput[event](2)
		p := stream.New("quiet")
		out := streamtest.Collect(minutes(p.From(in), c.times...))
		d := streamtest.Start(t, p)
		in.PushTo(1, minute(0))
		d.Settle()
		for i, want := range c.want {
			if i < 4 { // then the first is silent, too
				in.PushTo(0, minute(float64(i)/2+0.7))
				d.Settle()
			}
			d.Advance(30 * time.Second)
			assert.Equal(t, want, strings.Join(out.Take(), " "), "half minute %d of %v", i, c)
		}
	}
}

// With Idle as well, silent partitions are left out while others are not, and
// when all are silent the one that is furthest goes on.
func TestQuietAndIdlePartitions(t *testing.T) {
	in := streamtest.NewInput[event](2)
	p := stream.New("quiet")
	out := streamtest.Collect(minutes(p.From(in), stream.AdvanceWhenQuiet(10*time.Second), stream.Idle(5*time.Second)))
	d := streamtest.Start(t, p)
	in.PushTo(1, minute(0))
	in.PushTo(0, minute(0.5))
	d.Settle()
	d.Advance(6 * time.Second)
	require.Empty(t, out.Take())
	in.PushTo(0, minute(1.1))
	d.Settle()
	require.Equal(t, []string{"00:01"}, out.Take())
	d.Advance(time.Minute)
	d.Advance(20 * time.Second)
	require.Equal(t, []string{"00:02"}, out.Take())
}

// In a run, the clock is that of the machine; and behind an exchange the shards
// go on when nothing comes.
func TestQuietRun(t *testing.T) {
	for _, shape := range []func(stream.Stream[event]) stream.Stream[event]{asItIs, rebalanced} {
		synctest.Test(t, func(t *testing.T) {
			p := stream.New("quiet")
			out := sink.Collect[string]()
			src := &scripted{waits: true, parts: [][]act{{gives(0, 0), gives(0, 30_000), after(100*time.Second, gives(0, 200_000))}}}
			minutes(shape(p.From(src)), stream.AdvanceWhenQuiet(10*time.Second)).To(out)
			ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
			defer cancel()
			begin := time.Now()
			require.Equal(t, context.DeadlineExceeded, p.Run(ctx, stream.Shards(1)))
			require.Equal(t, []string{"00:01"}, out.Values())
			require.Less(t, time.Since(begin), time.Minute)
		})
	}
}

// After a restart the watermark is where it was, and silence counts anew.
func TestQuietRestart(t *testing.T) {
	store := checkpoint.Memory()
	in := streamtest.NewInput[event]()
	start := func() (*streamtest.Driver, *streamtest.Output[string]) {
		p := stream.New("quiet")
		out := streamtest.Collect(minutes(p.From(in), stream.AdvanceWhenQuiet(10*time.Second)))
		return streamtest.Start(t, p, streamtest.Checkpoints(store)), out
	}
	d, out := start()
	in.Push(minute(0))
	d.Settle()
	d.Advance(50 * time.Second)
	d.Checkpoint()
	require.Empty(t, out.Take())
	d.Kill()

	d, out = start()
	d.Advance(10 * time.Second)
	require.Empty(t, out.Take())
	d.Advance(20 * time.Second)
	require.Equal(t, []string{"00:01"}, out.Take())
}

// An event that is too far ahead of the clock is a failure, and what follows it
// is not late.
func TestMaxAhead(t *testing.T) {
	in := streamtest.NewInput[event]()
	p := stream.New("ahead")
	var bad stream.Failures[event]
	out := streamtest.Collect(minutes(p.From(in), stream.MaxAhead(time.Hour), stream.Name("times"), stream.Divert(&bad)))
	failed := streamtest.Collect(bad.Stream())
	d := streamtest.Start(t, p, streamtest.At(minute(10).time()))
	in.Push(minute(10), minute(70), minute(70.001), minute(60*24*365*50), minute(69.9), minute(80))
	d.Settle()
	d.Advance(10 * time.Minute)
	in.Push(minute(80), minute(80.001))
	in.End()
	d.Settle()
	require.Equal(t, []string{"00:11", "01:11", "01:21"}, out.Take()[:3])
	all := failed.Take()
	require.Len(t, all, 4)
	require.ErrorContains(t, all[0].Err, "MaxAhead allows 1h0m0s")
	require.Equal(t, minute(70.001), all[0].Value)
	s, _ := p.Stats().Operator("count")
	require.EqualValues(t, 1, s.TooLate, "69.9 is behind 70")
	require.Equal(t, "times", all[0].Operator)
}

// So is a watermark that an event tells.
func TestMaxAheadOfPunctuation(t *testing.T) {
	in := streamtest.NewInput[event]()
	p := stream.New("ahead")
	out := streamtest.Collect(minutes(p.From(in), stream.MaxAhead(time.Hour), stream.Name("times"), stream.SkipFailures(),
		stream.Punctuated(func(e event) (time.Time, bool) { return minute(float64(e.Part)).time(), e.Part > 0 })))
	d := streamtest.Start(t, p, streamtest.At(minute(10).time()))
	in.Push(event{Part: 1000, At: minute(10).At}, minute(1), event{Part: 9}, minute(1000))
	d.Settle()
	require.Equal(t, []string{"00:01", "00:02"}, out.Take())
	s, _ := p.Stats().Operator("times")
	require.EqualValues(t, 2, s.Failed)
	in.AdvanceWatermark(minute(1000).time())
	d.Settle()
	require.Empty(t, out.Take(), "a heartbeat from the future")
}

// At the watermark that another event tells an event is on time, and at the latest time that MaxAhead allows it is none of the future.
func TestPunctuationAtItsBorders(t *testing.T) {
	in := streamtest.NewInput[event]()
	p := stream.New("borders")
	onTime, late := p.From(in).EventTime(event.time, stream.MaxAhead(time.Hour), stream.Name("times"), stream.SkipFailures(),
		stream.Punctuated(func(e event) (time.Time, bool) { return minute(float64(e.Part)).time(), e.Part > 0 })).SplitLate()
	first, behind := streamtest.Collect(onTime), streamtest.Collect(late)
	d := streamtest.Start(t, p, streamtest.At(minute(10).time()))
	tells := event{Part: 20, At: minute(5).At}
	in.Push(tells, minute(20), minute(19.999), minute(70), minute(70.001))
	d.Settle()
	require.Equal(t, []event{tells, minute(20), minute(70)}, first.Take())
	require.Equal(t, []event{minute(19.999)}, behind.Take())
	s, _ := p.Stats().Operator("times")
	require.EqualValues(t, 1, s.Failed)
}

// A run logs once for each operator that a watermark is a day ahead of the
// clock, and that it drops events.
func TestWarnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		now := int(time.Now().UnixMilli())
		day := 24 * 60 * 60 * 1000
		src := &scripted{ends: true, parts: [][]act{
			{gives(0, now, now+day-1), gives(0, now+day), gives(0, now+2*day), gives(0, now, now+1), gives(0, now+2)},
			{gives(1, now), gives(1, now+3*day), gives(1, now)},
		}}
		p := stream.New("warnings")
		s := p.From(src).EventTime(event.time, stream.Name("times"))
		s.Window(window.Tumbling(time.Second)).Count(stream.Name("count")).To(sink.Discard[stream.Pane[stream.NoKey, int64]]())
		k := s.KeyBy(event.part)
		k.IntervalJoin(k, 0, 0, stream.Inner, func(stream.Match[event, event]) int { return 1 }, stream.Name("join")).To(sink.Discard[int]())
		k.AsOfJoin(k, stream.Inner, func(stream.Match[event, event]) int { return 1 }, stream.Name("versions")).To(sink.Discard[int]())
		k.Deduplicate(time.Hour, stream.Name("first")).To(sink.Discard[event]())
		require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
		warned := func(text, operator string) (n int) {
			for _, line := range strings.Split(log.String(), "\n") {
				if strings.Contains(line, text) && strings.Contains(line, "level=WARN") && strings.Contains(line, "operator="+operator+" ") {
					n++
				}
			}
			return n
		}
		require.Equal(t, 1, warned("a day or more ahead", "times"), log.String())
		require.Equal(t, 1, warned("events are dropped", "count"), log.String())
		require.Equal(t, 1, warned("events are dropped", "join"), log.String())
		require.Equal(t, 1, warned("events are dropped", "versions"), log.String())
		require.Equal(t, 0, warned("events are dropped", "first"), log.String())
		require.Equal(t, 4, strings.Count(log.String(), "level=WARN"), log.String())
	})
}

// Nothing is logged where nothing is wrong.
func TestNoWarnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		now := int(time.Now().UnixMilli())
		day := 24 * 60 * 60 * 1000
		src := &scripted{ends: true, parts: [][]act{{gives(0, 0, now, now+day-1)}}}
		p := stream.New("warnings")
		minutes(p.From(src)).To(sink.Discard[string]())
		require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
		require.Empty(t, log.String())
	})
}
