package stream_test

import (
	"compress/gzip"
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// Every test here runs in a bubble, which fails the test if a goroutine is
// left behind, or if all that are there wait for each other.

func TestNothingStartsBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		p := stream.New("plan")
		opened := false
		p.From(source.Generate(10, func(i int64) int64 { opened = true; return i }, source.Rate(1))).
			KeyBy(func(i int64) int64 { return i }).Deduplicate(time.Second).
			To(sink.Discard[int64]())
		require.NoError(t, p.Validate())
		require.NotEmpty(t, p.Plan().String())
		require.LessOrEqual(t, runtime.NumGoroutine(), before) // those of other tests may end meanwhile
		require.False(t, opened)
	})
}

// A worker of a cluster does not run the pipeline as a whole, as each task would.
func TestRunInAWorker(t *testing.T) {
	t.Setenv(door.WorkerEnvironment, "token")
	p := stream.New("sums")
	p.From(source.Slice([]int{1})).To(sink.Discard[int]())
	require.ErrorContains(t, p.Run(t.Context()), `stream: pipeline "sums" is run in one process, and this one was started by a cluster to be a worker: the program has to come to flink.Run`)
}

func TestCancelEndsEveryGoroutine(t *testing.T) {
	block := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, build := range map[string]func(p *stream.Pipeline, stop func()){
		"a source that waits": func(p *stream.Pipeline, stop func()) {
			p.From(source.Chan(make(chan int))).To(sink.Discard[int]())
		},
		"a source at a rate": func(p *stream.Pipeline, stop func()) {
			p.From(source.Generate(source.Unbounded, func(i int64) int64 { return i }, source.Rate(1000), source.Partitions(3))).
				KeyBy(func(i int64) int64 { return i % 10 }).Running(window.Count[int64]()).
				To(sink.Discard[stream.KeyValue[int64, int64]]())
		},
		"a source without end": func(p *stream.Pipeline, stop func()) {
			p.From(source.Generate(source.Unbounded, func(i int64) int64 { return i })).
				KeyBy(func(i int64) int64 { return i % 10 }).Running(window.Count[int64]()).
				To(sink.Func(func(_ context.Context, e stream.Event[stream.KeyValue[int64, int64]]) error {
					if e.Value.Value == 1000 {
						stop() // the bubble's clock stands still while this runs
					}
					return nil
				}))
		},
		"a call that hangs": func(p *stream.Pipeline, stop func()) {
			p.From(source.Slice([]int{1, 2, 3})).
				Enrich(func(ctx context.Context, i int) (int, error) { return i, block(ctx) }).
				To(sink.Discard[int]())
		},
		"a sink that hangs": func(p *stream.Pipeline, stop func()) {
			p.From(source.Slice([]int{1, 2, 3})).
				To(sink.Func(func(ctx context.Context, _ stream.Event[int]) error { return block(ctx) }))
		},
		"an idle timer": func(p *stream.Pipeline, stop func()) {
			p.From(source.Chan(make(chan int))).
				EventTime(second, stream.Idle(time.Minute)).
				KeyBy(same).Window(window.Tumbling(time.Minute, window.EarlyEvery(time.Second))).Count().
				To(sink.Discard[stream.Pane[int, int64]]())
		},
	} {
		for _, shards := range []int{1, 3} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
					defer cancel()
					p := stream.New(name)
					build(p, cancel)
					start := time.Now()
					err := p.Run(ctx, stream.Shards(shards), stream.StopTimeout(5*time.Second))
					require.ErrorIs(t, err, ctx.Err())
					require.Less(t, time.Since(start), time.Minute)
				})
			})
		}
	}
}

// What was read before the stop is in the sinks; windows that are open then
// are not fired.
func TestStopLetsWhatWasReadFlowThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		p := stream.New("stop")
		ticks := p.From(source.Generate(source.Unbounded, func(i int64) int64 { return i }, source.Rate(10)), stream.Name("ticks"))
		all := sink.Collect[int64]()
		panes := sink.Collect[stream.Pane[stream.NoKey, int64]]()
		ticks.To(all)
		ticks.EventTime(func(i int64) time.Time { return time.Unix(i, 0) }).Window(window.Tumbling(10 * time.Second)).Count().To(panes)
		enough := errors.New("enough")
		time.AfterFunc(2550*time.Millisecond, func() { cancel(enough) })
		require.ErrorIs(t, p.Run(ctx, stream.Shards(2)), enough)
		s, _ := p.Stats().Operator("ticks")
		require.EqualValues(t, 26, s.Out)
		require.Len(t, all.Values(), 26)
		require.Len(t, panes.Values(), 2)
	})
}

func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		p := stream.New("one")
		p.From(source.Generate(source.Unbounded, func(i int64) int64 { return i }, source.Rate(1))).To(sink.Discard[int64]())
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		synctest.Wait()
		require.ErrorContains(t, p.Run(ctx), "running already")
		require.ErrorIs(t, <-done, context.DeadlineExceeded)
	})
}

func TestSourceErrorNamesItsPartition(t *testing.T) {
	files := fstest.MapFS{"orders.jsonl.gz": {Data: []byte("no gzip at all")}}
	p := stream.New("broken")
	p.From(source.Files(files, "*", codec.JSON[int]()), stream.Name("orders")).To(sink.Discard[int]())
	err := p.Run(t.Context())
	var failed *stream.OperatorError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "orders", failed.Operator)
	require.ErrorIs(t, err, gzip.ErrHeader)
	require.ErrorContains(t, err, "orders.jsonl.gz")
}
