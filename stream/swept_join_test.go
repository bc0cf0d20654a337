package stream_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A side with a bound is forgotten when its interval has passed, though the other one has none, and what matched nothing
// is counted to the last event.
func TestIntervalJoinWithoutABoundIsSwept(t *testing.T) {
	const keys = 200
	for _, one := range []struct {
		lower, upper time.Duration
		left         bool // the side that is forgotten
	}{{0, stream.Unbounded, false}, {-stream.Unbounded, 0, true}, {-time.Second, stream.Unbounded, false}, {-time.Second, time.Second, true}} {
		p := stream.New("unbounded")
		left, right := streamtest.NewInput[tick](1), streamtest.NewInput[tick](1)
		in := func(i *streamtest.Input[tick]) stream.Keyed[int, tick] {
			return p.From(i).EventTime(func(x tick) time.Time { return time.Unix(x.At, 0) }).KeyBy(tickKey)
		}
		out := streamtest.Collect(in(left).IntervalJoin(in(right), one.lower, one.upper, stream.Inner, tickMatch))
		d := streamtest.Start(t, p)
		some, other := right, left
		if one.left {
			some, other = left, right
		}
		stats := func() stream.InstanceStats {
			x, _ := p.Stats().Operator("intervaljoin")
			return x
		}
		for key := range keys {
			some.Push(tick{Key: key, At: 100})
		}
		d.Settle()
		require.Equal(t, int64(keys), stats().Keys)
		for at := range int64(20) { // of one key, on which nothing that was held hangs
			some.Push(tick{Key: -1, At: 101 + at})
			other.Push(tick{Key: -2, At: 101 + at})
			d.Settle()
		}
		require.Less(t, stats().Keys, int64(10), "%+v: they are forgotten while the stream goes on", one)
		some.End()
		other.End()
		d.Settle()
		require.Empty(t, out.Take())
		if one.lower == -time.Second && one.upper == time.Second {
			require.Equal(t, int64(keys+40), stats().Unmatched)
		} else {
			require.GreaterOrEqual(t, stats().Unmatched, int64(keys+20), "%+v", one)
		}
	}
}
