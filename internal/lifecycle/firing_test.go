package lifecycle_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// A run that is told to stop while a watermark fires many windows stops between
// two of them, and the next run fires the rest: each pane once.
func TestStopWhileWindowsFire(t *testing.T) {
	const keys = 40
	day := func(i int64) time.Time { return time.Unix(i/keys, 0) }
	group := func(i int64) int64 { return i % keys }
	text := func(p stream.Pane[int64, int64]) string { return fmt.Sprint(p.Key, p.Start, p.End, p.Value) }
	aggregate := func(spec window.Spec) func(stream.Keyed[int64, int64]) stream.Stream[string] {
		return func(k stream.Keyed[int64, int64]) stream.Stream[string] { return k.Window(spec).Count().Map(text) }
	}
	for name, windows := range map[string]func(stream.Keyed[int64, int64]) stream.Stream[string]{
		"cumulating": aggregate(window.Cumulating(10*time.Minute, time.Second)),
		"sliding":    aggregate(window.Sliding(time.Minute, time.Second)),
		"early":      aggregate(window.Tumbling(time.Second, window.EarlyCount(1000))),
		"sessions":   aggregate(window.Session(time.Second)),
		"cogroup": func(k stream.Keyed[int64, int64]) stream.Stream[string] {
			return k.CoGroup(k, window.Tumbling(time.Second), func(p stream.Pane[int64, stream.Group[int64, int64]]) int64 {
				return int64(len(p.Value.Left) + len(p.Value.Right))
			}).Map(text)
		},
	} {
		for _, shards := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s/%d", name, shards), func(t *testing.T) {
				var mu sync.Mutex
				seen := map[string]int{}
				run := func(ctx context.Context, stop func(), opts ...stream.RunOption) error {
					p := stream.New("stops")
					events := p.From(source.Generate(keys*600, func(i int64) int64 { return i })).
						EventTime(day, stream.Disorder(time.Hour)).KeyBy(group)
					windows(events).To(sink.Func(func(_ context.Context, e stream.Event[string]) error {
						stop() // which takes its time
						mu.Lock()
						defer mu.Unlock()
						seen[e.Value]++
						return nil
					}))
					return p.Run(ctx, append(opts, stream.Shards(shards))...)
				}
				require.NoError(t, run(t.Context(), func() {}))
				want := seen
				seen = map[string]int{}
				store := checkpoint.Memory()
				ctx, cancel := context.WithCancel(t.Context())
				slow := func() { // long enough that the stop is not waited for until all has fired
					cancel()
					for began := time.Now(); time.Since(began) < ms; {
					}
				}
				require.ErrorIs(t, run(ctx, slow, stream.Checkpoints(store, time.Hour)), context.Canceled)
				require.NotEmpty(t, seen)
				require.Less(t, len(seen), len(want), "it stopped before the end")
				require.NoError(t, run(t.Context(), func() {}, stream.Checkpoints(store, time.Hour)))
				require.Equal(t, want, seen)
			})
		}
	}
}
