package stream_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// What other stream libraries for Go get wrong, each a test.

// Ten minutes of history replayed at once give ten full windows.
func TestReplayOfHistory(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		p := stream.New("replay")
		out := sink.Collect[stream.Pane[stream.NoKey, int64]]()
		p.From(source.Generate(10*60*100, func(i int64) time.Time { return day.Add(time.Duration(i) * 10 * time.Millisecond) })).
			EventTime(func(at time.Time) time.Time { return at }).
			Window(window.Tumbling(time.Minute)).Count().To(out)
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		panes := out.Values()
		require.Len(t, panes, 10)
		for i, pane := range panes {
			require.Equal(t, day.Add(time.Duration(i)*time.Minute), pane.Start)
			require.EqualValues(t, 6000, pane.Value)
		}
	}
}

// A million keys need few goroutines, and are forgotten in time.
func TestMillionKeys(t *testing.T) {
	const keys = 1_000_000
	var most atomic.Int64
	before := runtime.NumGoroutine()
	p := stream.New("million")
	counted := sink.Collect[int64]()
	p.From(source.Generate(2*keys, func(i int64) sale {
		if i%100_000 == 0 {
			most.Store(max(most.Load(), int64(runtime.NumGoroutine()-before)))
		}
		return sale{Key: i % keys, Amount: 1, At: day.Add(time.Duration(i) * time.Millisecond)}
	})).
		EventTime(saleAt).KeyBy(saleKey).
		Running(window.Count[sale](), stream.Name("running"), stream.TimeToLive(10*time.Minute)).
		Window(window.Tumbling(time.Hour)).Count(stream.Name("hours")).
		Map(func(pane stream.Pane[stream.NoKey, int64]) int64 { return pane.Value }).To(counted)
	require.NoError(t, p.Run(t.Context(), stream.Shards(2)))

	total := int64(0)
	for _, n := range counted.Values() {
		total += n
	}
	require.EqualValues(t, 2*keys, total)
	// One source, two shards of the running count, and the merging of hours.
	require.LessOrEqual(t, most.Load(), int64(2*runtime.GOMAXPROCS(0)+4))
	s, _ := p.Stats().Operator("running")
	require.LessOrEqual(t, s.Keys, int64(keys))
	require.Zero(t, s.Keys, "at the end every key's time to live has passed")
}

// Events in are events out, late, dropped or failed: none vanishes.
func TestNoEventVanishes(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for _, batch := range []int{1, 50, 512} {
			p := stream.New("books")
			all := sales(30_000, 50, 10*time.Millisecond)
			w := p.From(source.Slice(all[:10_000], all[10_000:12_000], all[12_000:]), stream.Name("in")).
				Filter(func(s sale) bool { return notTen(s) }, stream.Name("check"), stream.SkipFailures()).
				EventTime(saleAt, stream.Disorder(time.Second)).
				KeyBy(saleKey).Window(window.Tumbling(5 * time.Second))
			panes, late := sink.Collect[stream.Pane[int64, int64]](), sink.Collect[sale]()
			w.Count().To(panes)
			w.Late().To(late)
			require.NoError(t, p.Run(t.Context(), stream.Shards(shards), stream.BatchSize(batch)))
			var in, failed, counted int64
			for _, o := range p.Stats().Operators {
				for _, i := range o.Instances {
					switch o.Name {
					case "in":
						in += i.Out
					case "check":
						failed += i.Failed
					}
				}
			}
			for _, pane := range panes.Values() {
				counted += pane.Value
			}
			require.EqualValues(t, len(all), in)
			require.Positive(t, failed)
			require.NotEmpty(t, late.Values(), "the data has late events")
			require.EqualValues(t, len(all), counted+failed+int64(len(late.Values())), "%d shards, batches of %d", shards, batch)
		}
	}
}

func notTen(s sale) bool {
	if s.Amount%100 == 10 {
		panic("ten")
	}
	return true
}
