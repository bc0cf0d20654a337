package lifecycle_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A telling reader has events with times, and promises that none is earlier than
// the last one. It says that it is idle when it has none, if it says is set.
type telling struct {
	*shelf
	says bool
}

func (r telling) Read(ctx context.Context, in *stream.Intake[int64]) error {
	from := r.next
	err := r.shelf.Read(ctx, stream.NewIntake[int64](in.Room()))
	for _, at := range r.rows[from:r.next] {
		in.AppendAt(at, stream.Time(at*1e6))
		in.SetWatermark(stream.Time(at * 1e6))
	}
	if r.says && from == r.next {
		in.SetIdle()
	}
	return err
}

// A source that knows its own watermarks does not wait for partitions that are
// silent, or that say so, until they give something again.
func TestIdleSource(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for _, says := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) { idleSource(t, shards, says) })
		}
	}
}

func idleSource(t *testing.T, shards int, says bool) {
	a, b := newShelf("a", 5, 25), newShelf("b", 1)
	after := []int64{2}
	if says { // b again has nothing behind 28
		after = append(after, 2)
	}
	var opts []stream.Option
	if !says {
		opts = append(opts, stream.Idle(5*time.Second))
	}
	var got taken
	p := stream.New("idle")
	p.From(opens(func(c *stream.SourceContext) []stream.Reader[int64] {
		stream.Discover(c, func(_ context.Context, parts *parts) error {
			step := func(s *shelf, row int64, wait time.Duration, want ...int64) {
				t.Helper()
				if row > 0 {
					s.put(row)
					parts.Ready(s.name)
				}
				time.Sleep(wait)
				assert.Equal(t, want, got.sorted())
			}
			if says {
				step(nil, 0, time.Second, 2) // 1, 5
			} else {
				step(nil, 0, 4*time.Second)
				step(a, 26, 2*time.Second, 2)
			}
			step(b, 28, time.Second, 2) // it is waited for again
			step(a, 45, time.Second, after...)
			a.end()
			b.end()
			parts.Ready()
			return nil
		})
		return []stream.Reader[int64]{telling{a, false}, telling{b, says}}
	}), opts...).
		Window(window.Tumbling(10 * time.Millisecond)).Count().
		Map(func(p stream.Pane[stream.NoKey, int64]) int64 { return p.Value }).
		To(got.sink())
	require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
}

// The same of readers that wait, by the clock of the driver; and a source whose events have no times is not affected.
func TestIdleSourceInDriver(t *testing.T) {
	in := streamtest.NewInput[event](2)
	p := stream.New("idle")
	out := streamtest.Collect(p.From(in, stream.Idle(time.Minute)).Window(window.Tumbling(time.Minute)).Count().
		Map(func(p stream.Pane[stream.NoKey, int64]) int64 { return p.Value }))
	d := streamtest.Start(t, p)
	in.PushAtTo(0, minute(0.5).time(), minute(0.5))
	d.Settle()
	d.Advance(50 * time.Second)
	in.AdvanceWatermarkOf(0, minute(1).time())
	d.Settle()
	require.Empty(t, out.Take())
	d.Advance(20 * time.Second)
	require.Equal(t, []int64{1}, out.Take(), "the other one is idle")

	plain := stream.New("plain")
	events := streamtest.NewInput[event](2)
	all := streamtest.Collect(minutes(plain.From(events, stream.Idle(time.Second))))
	d = streamtest.Start(t, plain)
	events.PushTo(0, minute(0.5), minute(1.5))
	d.Settle()
	d.Advance(time.Minute)
	require.Empty(t, all.Take(), "EventTime has an Idle of its own")
}

// Idle means nothing to other operators.
func TestIdleIsOfSources(t *testing.T) {
	s := stream.New("other").From(streamtest.NewInput[event]())
	require.PanicsWithValue(t, "stream: filter: Idle means nothing to it: it is for EventTime, and sources that promise watermarks", func() {
		s.Filter(func(event) bool { return true }, stream.Idle(time.Second))
	})
	require.Panics(t, func() {
		s.Enrich(func(context.Context, event) (event, error) { return event{}, nil }, stream.Idle(time.Second))
	})
}
