package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A source that says how far it is, without an event, moves EventTime on.
func TestHeartbeats(t *testing.T) {
	in := streamtest.NewInput[event](2)
	p := stream.New("heartbeats")
	out := streamtest.Collect(minutes(p.From(in), stream.Disorder(time.Hour)))
	d := streamtest.Start(t, p)
	in.PushTo(0, minute(0.5))
	in.AdvanceWatermarkOf(0, minute(1).time())
	d.Settle()
	require.Empty(t, out.Take(), "the other partition may have something before")
	in.AdvanceWatermarkOf(1, minute(2).time())
	d.Settle()
	require.Equal(t, []string{"00:01"}, out.Take())
	in.PushTo(1, minute(1.5), minute(2.5)) // the one is behind the heartbeat of its partition
	in.PushTo(0, minute(1.5))
	in.End()
	d.Settle()
	require.Equal(t, []string{"00:02", "00:03"}, out.Take())
	s, _ := p.Stats().Operator("count")
	require.EqualValues(t, 1, s.TooLate)
}

// The same behind an exchange.
func TestHeartbeatsBehindExchange(t *testing.T) {
	in := streamtest.NewInput[event]()
	p := stream.New("heartbeats")
	out := streamtest.Collect(minutes(p.From(in).Rebalance(), stream.Disorder(time.Hour)))
	d := streamtest.Start(t, p, streamtest.Shards(3))
	in.Push(minute(0.5))
	in.AdvanceWatermark(minute(1).time())
	d.Settle()
	require.Equal(t, []string{"00:01"}, out.Take())
}

// Watermarks of a source whose events have times of their own are of those
// times, and say nothing of others; so do those of an EventTime before.
func TestWatermarksOfOtherTimesAreDropped(t *testing.T) {
	store := checkpoint.Memory()
	in := streamtest.NewInput[event]()
	start := func() (*streamtest.Driver, *streamtest.Output[string]) {
		p := stream.New("other times")
		out := streamtest.Collect(minutes(p.From(in)))
		return streamtest.Start(t, p, streamtest.Checkpoints(store)), out
	}
	d, out := start()
	in.PushAt(minute(500).time(), minute(0.5))
	in.AdvanceWatermark(minute(500).time())
	d.Settle()
	require.Empty(t, out.Take())
	d.Checkpoint()
	d.Kill()
	d, out = start()
	in.AdvanceWatermark(minute(501).time())
	d.Settle()
	require.Empty(t, out.Take(), "after a restart")

	in = streamtest.NewInput[event]()
	p := stream.New("twice")
	out = streamtest.Collect(minutes(p.From(in).EventTime(func(event) time.Time { return minute(500).time() })))
	d = streamtest.Start(t, p)
	in.AdvanceWatermark(minute(500).time())
	in.Push(minute(0.5))
	d.Settle()
	require.Empty(t, out.Take())
}
