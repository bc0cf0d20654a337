package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// shopDay is a pipeline with an operator of each kind that can be saved. What
// it gives depends on event times alone, so it must not depend on where it was
// killed either. The results are at least once: the same may come again.
func shopDay(parts [][]tick, fail func(tick) tick, got map[string]string, again func(string)) *stream.Pipeline {
	p := stream.New("shop day")
	ticks := p.From(source.Slice(parts...), stream.Name("ticks")).
		Map(fail, stream.Name("fail")).
		EventTime(tickTime, stream.Disorder(20*time.Second))
	keyed := ticks.KeyBy(tickKey)
	var mu sync.Mutex
	put := sink.Func(func(_ context.Context, e stream.Event[stream.KeyValue[string, string]]) error {
		mu.Lock()
		defer mu.Unlock()
		if old, ok := got[e.Value.Key]; ok && old != e.Value.Value {
			again(e.Value.Key + ": " + old + " and " + e.Value.Value)
		}
		got[e.Value.Key] = e.Value.Value
		return nil
	})
	result := func(kind string, key int, at time.Time, value any) stream.KeyValue[string, string] {
		return stream.KeyValue[string, string]{Key: fmt.Sprint(kind, " ", key, " ", at.Unix()), Value: fmt.Sprint(value)}
	}
	pane := func(kind string) func(stream.Pane[int, int64]) stream.KeyValue[string, string] {
		return func(p stream.Pane[int, int64]) stream.KeyValue[string, string] {
			return result(fmt.Sprint(kind, " until ", p.End.Unix(), " ", p.Timing), p.Key, p.Start, p.Value)
		}
	}
	tumbling := keyed.Window(window.Tumbling(30 * time.Second)).Aggregate(window.Sum(tickVal)).Map(pane("tumbling"))
	sliding := keyed.Window(window.Sliding(time.Minute, 10*time.Second)).Aggregate(window.Max(tickVal)).Map(pane("sliding"))
	subtracted := keyed.Window(window.Sliding(time.Minute, 20*time.Second)).Count().Map(pane("subtracted"))
	first := keyed.Deduplicate(40 * time.Second).
		Map(func(e tick) stream.KeyValue[string, string] { return result("first", e.Key, tickTime(e), e) })
	running := keyed.Process(
		func(c *stream.KeyContext[int, int64, stream.KeyValue[string, string]], e tick) error {
			*c.State() += e.Val
			c.SetTimer(c.Time().Add(15 * time.Second))
			c.Emit(result(fmt.Sprint("event ", e.Part, "/", e.Pos), c.Key(), c.Time(), *c.State()))
			return nil
		},
		func(c *stream.KeyContext[int, int64, stream.KeyValue[string, string]]) error {
			c.Emit(result("timer", c.Key(), c.Time(), *c.State()))
			return nil
		}, stream.InOrder())
	totals := keyed.Running(window.Sum(tickVal), stream.InOrder(), stream.TimeToLive(25*time.Second), stream.Name("totals")).
		Map(func(kv stream.KeyValue[int, int64]) stream.KeyValue[string, string] {
			return stream.KeyValue[string, string]{Key: fmt.Sprint("total ", kv.Key, " ", kv.Value), Value: "seen"}
		})
	stream.Union([]stream.Stream[stream.KeyValue[string, string]]{tumbling, sliding, subtracted, first, running, totals}).To(put)
	return p
}

func randomTicks(rng *rand.Rand, parts, events, keys int) [][]tick {
	all := make([][]tick, parts)
	for i := range all {
		clock := int64(1_700_000_000)
		for pos := range events {
			clock += rng.Int64N(4)
			all[i] = append(all[i], tick{Key: rng.IntN(keys), Val: rng.Int64N(100), At: clock - rng.Int64N(19), Part: i, Pos: pos})
		}
	}
	return all
}

var errKilled = errors.New("killed")

// A run that fails anywhere and begins again on another number of shards,
// as often as it takes, gives what one that was not disturbed gives.
func TestKilledAndRestored(t *testing.T) {
	restored := 0
	for seed := range uint64(racing.Rounds(10, 4)) {
		rng := rand.New(rand.NewPCG(seed, 5))
		parts := randomTicks(rng, 1+rng.IntN(3), 3000, 1+rng.IntN(30))
		want := map[string]string{}
		plain := shopDay(parts, func(e tick) tick { return e }, want, func(s string) { t.Error(s) })
		require.NoError(t, plain.Run(t.Context(), stream.Shards(1)))

		store := checkpoint.Dir(t.TempDir())
		got := map[string]string{}
		for attempt := 0; ; attempt++ {
			require.Less(t, attempt, 200, "it comes no further")
			var left atomic.Int64
			left.Store(1000 + rng.Int64N(4000))
			fail := func(e tick) tick {
				if left.Add(-1) == 0 {
					panic(errKilled)
				}
				return e
			}
			p := shopDay(parts, fail, got, func(s string) { t.Errorf("seed %d: %s", seed, s) })
			var log bytes.Buffer
			err := p.Run(t.Context(), stream.Shards(1+rng.IntN(3)), stream.BatchSize(1+rng.IntN(100)),
				stream.Checkpoints(store, 200*time.Microsecond), stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
			if bytes.Contains(log.Bytes(), []byte("going on from a checkpoint")) {
				restored++
			}
			if err == nil {
				break
			}
			require.ErrorIs(t, err, errKilled)
		}
		requireSame(t, want, got, "seed %d", seed)
	}
	require.Greater(t, restored, racing.Rounds(10, 2)) // on a machine that is busy, checkpoints are few
}

// A run that is stopped saves where it is, and the next one goes on from there:
// no event is lost, and none is seen twice.
func TestStopAndGoOn(t *testing.T) {
	store := checkpoint.Dir(t.TempDir())
	var seen []int64
	for attempt := 0; ; attempt++ {
		require.Less(t, attempt, 50)
		ctx, stop := context.WithCancel(t.Context())
		left := 700
		p := stream.New("numbers")
		p.From(source.Generate(5000, func(i int64) int64 { return i })).
			KeyBy(func(i int64) int64 { return i % 7 }).
			Running(window.Count[int64]()).
			Map(func(kv stream.KeyValue[int64, int64]) int64 { return kv.Key + 7*(kv.Value-1) }).
			To(sink.Func(func(_ context.Context, e stream.Event[int64]) error {
				seen = append(seen, e.Value)
				if left--; left == 0 {
					stop()
				}
				return nil
			}))
		err := p.Run(ctx, stream.Shards(1), stream.BatchSize(64), stream.Checkpoints(store, time.Hour))
		stop()
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Len(t, seen, 5000)
	slices.Sort(seen)
	for i, v := range seen {
		require.Equal(t, int64(i), v)
	}
	all, err := checkpoint.Inspect(store)
	require.NoError(t, err)
	require.True(t, all[0].Final)
	require.Equal(t, int64(7), all[0].Operators[0].Keys)
}

// What a checkpoint holds and the pipeline does not know is an error, unless it
// is dropped by name. What the checkpoint does not know begins empty.
func TestPipelineThatHasChanged(t *testing.T) {
	store := checkpoint.Dir(t.TempDir())
	run := func(name string, opts ...stream.RunOption) error {
		p := stream.New("numbers")
		p.From(source.Slice(numbers(10)), stream.Name("in")).KeyBy(func(i int) int { return i }, stream.Name("key")).
			Running(window.Count[int](), stream.Name(name)).
			To(sink.Discard[stream.KeyValue[int, int64]]())
		return p.Run(t.Context(), append(opts, stream.Checkpoints(store, time.Hour))...)
	}
	require.NoError(t, run("count"))
	require.NoError(t, run("count"))
	require.ErrorContains(t, run("sum"), `holds state of count, which pipeline "numbers" does not have: see DropState`)
	var log bytes.Buffer
	require.NoError(t, run("sum", stream.DropState("count"), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
	require.Contains(t, log.String(), "an operator begins empty")
}

// A plan with an operator whose state is not saved is refused, not run as if
// it were.
func TestOperatorThatCannotBeSaved(t *testing.T) {
	store := checkpoint.Dir(t.TempDir())
	p := stream.New("test")
	p.From(source.Slice(numbers(3))).
		Apply(func(*stream.OperatorContext) (stream.Processor[int, int], error) {
			return forgetful{}, nil
		}, stream.Name("visits")).
		To(sink.Discard[int]())
	require.ErrorContains(t, p.Run(t.Context(), stream.Checkpoints(store, time.Second)), "visits: stream_test.forgetful is not Stateful")

	p = stream.New("test")
	p.From(source.Slice(numbers(3))).KeyBy(func(i int) int { return i }).
		Process(func(*stream.KeyContext[int, chan int, int], int) error { return nil }, nil, stream.Name("channels")).
		To(sink.Discard[int]())
	require.ErrorContains(t, p.Run(t.Context(), stream.Checkpoints(store, time.Second)), "channels cannot be saved in a checkpoint: it holds values of chan int")
}

// forgetful is an operator that does not say what state it has.
type forgetful struct{}

func (forgetful) Process(*stream.Batch[int], *stream.Emitter[int]) error { return nil }

// Where there are checkpoints and none can be read, a run does not begin anew.
func TestNoCheckpointCanBeRead(t *testing.T) {
	path := t.TempDir()
	p := stream.New("test")
	p.From(source.Slice(numbers(3))).To(sink.Discard[int]())
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(path), time.Hour)))
	files, err := filepath.Glob(filepath.Join(path, "manifest-*"))
	require.NoError(t, err)
	for _, f := range files {
		require.NoError(t, os.Truncate(f, 20))
	}
	err = p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(path), time.Hour))
	require.ErrorIs(t, err, checkpoint.ErrUnreadable)
}

func ExampleCheckpoints() {
	dir, err := os.MkdirTemp("", "checkpoints")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	run := func() {
		p := stream.New("takings")
		p.From(source.Slice(orders)).KeyBy(Order.shop).
			Running(window.Sum(Order.cents)).
			To(sink.Table[stream.KeyValue[string, int64]](os.Stdout))
		err := p.Run(context.Background(), stream.Shards(1), stream.Checkpoints(checkpoint.Dir(dir), time.Second))
		if err != nil {
			fmt.Println(err)
		}
	}
	run()
	run() // all has been read: there is nothing left to do
	// Output:
	// key   value
	// oslo   1200
	// lyon    300
	// oslo   5700
	// lyon   1000
	// oslo   6500
}
