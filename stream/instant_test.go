package stream_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A Time as an event's time gives what a time.Time gives: panes, late events, and
// failures, of a function that panics too, each of which it is called for once.
func TestInstant(t *testing.T) {
	millis := []int64{1000, 2000, -1 << 63, 500, 61_000, 1<<63 - 1, 59_000, 7, 62_000, 130_000}
	run := func(build func(p *stream.Pipeline, bad *stream.Failures[int64]) stream.Stream[int64]) (panes, failures []string) {
		p := stream.New("instants")
		var bad stream.Failures[int64]
		out, failed := sink.Collect[stream.Pane[stream.NoKey, int64]](), sink.Collect[stream.Failed[int64]]()
		build(p, &bad).Filter(func(n int64) bool { return n != 61_000 }).Window(window.Tumbling(time.Minute)).Aggregate(window.Sum(func(n int64) int64 { return n })).To(out)
		bad.Stream().To(failed)
		require.NoError(t, p.Run(context.Background()))
		for _, x := range out.Values() {
			panes = append(panes, fmt.Sprint(x.Start, x.Value))
		}
		for _, x := range failed.Values() {
			failures = append(failures, fmt.Sprint(x.Value, x.Err))
		}
		return panes, failures
	}
	var calls []int64
	panes, failures := run(func(p *stream.Pipeline, bad *stream.Failures[int64]) stream.Stream[int64] {
		return p.From(source.Slice(millis)).EventTime(func(n int64) stream.Time {
			calls = append(calls, n)
			if n == 7 {
				panic("seven")
			}
			return window.UnixMilli(n)
		}, stream.Disorder(3*time.Second), stream.Divert(bad))
	})
	require.Equal(t, millis, calls)
	require.Len(t, failures, 3)
	require.Contains(t, failures[0], "outside the years 1678 to 2261")
	stdPanes, stdFailures := run(func(p *stream.Pipeline, bad *stream.Failures[int64]) stream.Stream[int64] {
		return p.From(source.Slice(millis)).EventTime(func(n int64) time.Time {
			if n == 7 {
				panic("seven")
			}
			return time.UnixMilli(n)
		}, stream.Disorder(3*time.Second), stream.Divert(bad))
	})
	require.Equal(t, stdPanes, panes)
	require.Len(t, stdFailures, 3)
	require.Equal(t, []string{"1970-01-01 00:00:00 +0000 UTC 62500", "1970-01-01 00:01:00 +0000 UTC 62000", "1970-01-01 00:02:00 +0000 UTC 130000"}, panes)
}
