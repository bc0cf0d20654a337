package lifecycle_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// Where all partitions are idle none is waited for: the windows that are fired are those that the partition has closed
// which had come furthest, whichever fell silent first. So it is for the partitions of one task, for tasks that meet
// at an exchange, for streams that meet in a Merge, and for an EventTime behind one.
func TestAllPartitionsIdle(t *testing.T) {
	idle := stream.Idle(10 * time.Minute)
	for name, shape := range map[string]func(p *stream.Pipeline, in [2]*streamtest.Input[event]) stream.Stream[string]{
		"partitions": func(p *stream.Pipeline, in [2]*streamtest.Input[event]) stream.Stream[string] {
			return minutes(p.From(in[0]), idle)
		},
		"keyed": func(p *stream.Pipeline, in [2]*streamtest.Input[event]) stream.Stream[string] {
			return p.From(in[0]).EventTime(event.time, idle).KeyBy(func(event) int { return 0 }).Window(window.Tumbling(time.Minute)).Count().
				Map(func(p stream.Pane[int, int64]) string { return p.End.Format("15:04") })
		},
		"merge": func(p *stream.Pipeline, in [2]*streamtest.Input[event]) stream.Stream[string] {
			return p.From(in[0]).EventTime(event.time, idle).Merge(p.From(in[1]).EventTime(event.time, idle)).
				Window(window.Tumbling(time.Minute)).Count().
				Map(func(p stream.Pane[stream.NoKey, int64]) string { return p.End.Format("15:04") })
		},
		"behind a merge": func(p *stream.Pipeline, in [2]*streamtest.Input[event]) stream.Stream[string] {
			return minutes(p.From(in[0]).Merge(p.From(in[1])), idle)
		},
	} {
		for shards := 1; shards <= 3; shards++ {
			for _, furthestFirst := range []bool{true, false} {
				title := fmt.Sprintf("%s, %d shards, the furthest first: %v", name, shards, furthestFirst)
				in := [2]*streamtest.Input[event]{streamtest.NewInput[event](2), streamtest.NewInput[event](2)}
				p := stream.New("all idle")
				out := streamtest.Collect(shape(p, in))
				d := streamtest.Start(t, p, streamtest.Shards(shards))
				other := func(e event) {
					if in[1].PushTo(0, e); name == "partitions" || name == "keyed" {
						in[0].PushTo(1, e)
					}
				}
				in[0].PushTo(0, minute(0.5), minute(9.5))
				other(minute(0.2))
				d.Settle()
				d.Advance(5 * time.Minute)
				if furthestFirst {
					other(minute(0.3))
				} else {
					in[0].PushTo(0, minute(9.6))
				}
				d.Settle()
				d.Advance(4 * time.Minute)
				require.Empty(t, out.Take(), title)
				d.Advance(7 * time.Minute)
				require.Equal(t, []string{"00:01"}, out.Take(), title)
				in[0].PushTo(0, minute(10.5))
				other(minute(10.7)) // and both are waited for
				d.Settle()
				require.Equal(t, []string{"00:10"}, out.Take(), title)
			}
		}
	}
}

// The same of partitions that are discovered, with EventTime and with watermarks that the readers promise,
// where no task goes further than all.
func TestAllDiscoveredPartitionsIdle(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for _, promised := range []bool{false, true} {
			for _, never := range []bool{false, true} { // b has never had anything, or is idle after a
				synctest.Test(t, func(t *testing.T) { allDiscoveredIdle(t, shards, promised, never) })
			}
		}
	}
}

func allDiscoveredIdle(t *testing.T, shards int, promised, never bool) {
	a, b := newShelf("a", 5, 25), newShelf("b")
	as := func(s *shelf) stream.Reader[int64] {
		if promised {
			return telling{s, false}
		}
		return s
	}
	n := int64(1) // events in the first window
	if !never {
		n = 2
	}
	var got taken
	p := stream.New("idle")
	var opts []stream.Option
	if promised {
		opts = append(opts, stream.Idle(5*time.Second))
	}
	s := p.From(opens(func(c *stream.SourceContext) []stream.Reader[int64] {
		stream.Discover(c, func(_ context.Context, parts *parts) error {
			time.Sleep(3 * time.Second)
			if !never {
				b.put(1)
				parts.Ready("b")
			}
			time.Sleep(1500 * time.Millisecond)
			assert.Empty(t, got.sorted(), "b is waited for")
			time.Sleep(5 * time.Second)
			assert.Equal(t, []int64{n}, got.sorted(), "%d shards, promised: %v, never: %v", shards, promised, never)
			a.put(36)
			parts.Ready("a")
			time.Sleep(time.Second)
			assert.Equal(t, []int64{1, n}, got.sorted(), "b is still not waited for")
			a.end()
			b.end()
			parts.Ready()
			return nil
		})
		return []stream.Reader[int64]{as(a), as(b)}
	}), opts...)
	if !promised {
		s = s.EventTime(millis, stream.Idle(5*time.Second))
	}
	s.Window(window.Tumbling(10 * time.Millisecond)).Count().
		Map(func(p stream.Pane[stream.NoKey, int64]) int64 { return p.Value }).
		To(got.sink())
	require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
}
