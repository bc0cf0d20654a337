package stream_test

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A looker asks a View now, and as of a checkpoint, and shows both as text.
type looker struct {
	now  func(t *testing.T) map[string]string
	asOf func(t *testing.T, store checkpoint.Store, id int64) (map[string]string, error)
}

func lookerOf[K comparable, V any](v *stream.View[K, V]) looker {
	all := func(t *testing.T, seq iter.Seq2[stream.KeyValue[K, V], error]) map[string]string {
		shown := map[string]string{}
		for kv, err := range seq {
			require.NoError(t, err)
			require.NotContains(t, shown, fmt.Sprint(kv.Key))
			shown[fmt.Sprint(kv.Key)] = fmt.Sprint(kv.Value)
		}
		return shown
	}
	return looker{
		now: func(t *testing.T) map[string]string { return all(t, v.All(t.Context())) },
		asOf: func(t *testing.T, store checkpoint.Store, id int64) (map[string]string, error) {
			s, err := v.AsOf(store, id)
			if err != nil {
				return nil, err
			}
			at, taken := s.Checkpoint()
			require.True(t, id == 0 || at == id)
			require.False(t, taken.IsZero())
			shown := all(t, s.All())
			for kv := range s.All() {
				one, known, err := s.Get(kv.Key)
				require.NoError(t, err)
				require.True(t, known)
				require.Equal(t, shown[fmt.Sprint(kv.Key)], fmt.Sprint(one))
				break
			}
			_, known, err := s.Get(*new(K))
			require.NoError(t, err)
			require.Equal(t, shown[fmt.Sprint(*new(K))] != "", known)
			return shown, nil
		},
	}
}

func count(c *stream.KeyContext[string, int, int], m move) error {
	*c.State() += m.Pieces
	return nil
}

func fewest(a, b move) int { return cmp.Compare(a.Pieces, b.Pieces) }

// lookers are operators that expose what they hold of moves.
var lookers = map[string]func(moves stream.Keyed[string, move]) looker{
	"running": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, int])
		moves.Running(window.Sum(func(m move) int { return m.Pieces }), stream.InOrder(), stream.Expose(v)).To(sink.Discard[stream.KeyValue[string, int]]())
		return lookerOf(v)
	},
	"process": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, int])
		moves.Process(count, nil, stream.InOrder(), stream.Expose(v)).To(sink.Discard[int]())
		return lookerOf(v)
	},
	"process both": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, int])
		moves.ProcessBoth(moves, count, count, nil, stream.InOrder(), stream.Expose(v)).To(sink.Discard[int]())
		return lookerOf(v)
	},
	"rules": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, int])
		moves.ConnectAll(moves, func(m move) stream.Change[int] { return stream.Change[int]{Kind: stream.Update, After: m.Pieces} },
			func(c *stream.KeyContext[string, int, int], _ *stream.Rules[string, int], m move) error {
				return count(c, m)
			},
			nil, stream.InOrder(), stream.Expose(v)).To(sink.Discard[int]())
		return lookerOf(v)
	},
	"table join": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, move])
		moves.TableJoin(moves, stream.LeftOuter, func(m stream.Match[move, move]) move { return m.Left }, stream.Expose(v)).To(sink.Discard[move]())
		return lookerOf(v)
	},
	"latest": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, move])
		stream.LatestTable(moves, stream.Expose(v)).Changes().To(sink.Discard[stream.Change[move]]())
		return lookerOf(v)
	},
	"sums": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, float64])
		moves.AggregateTable(window.Mean(func(m move) int { return m.Pieces }), stream.Expose(v)).Changes().To(sink.Discard[stream.Change[float64]]())
		return lookerOf(v)
	},
	"top": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[int, []stream.KeyValue[string, move]])
		stream.LatestTable(moves).OrderBy(func(_ string, m move) int { return m.Pieces % 3 }, fewest).Top(2, stream.Expose(v)).
			Changes().To(sink.Discard[stream.Change[move]]())
		return lookerOf(v)
	},
	"sliding windows": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, []stream.Pane[string, int64]])
		moves.Window(window.Sliding(40*time.Second, 20*time.Second)).Count(stream.Expose(v)).To(sink.Discard[stream.Pane[string, int64]]())
		return lookerOf(v)
	},
	"sessions": func(moves stream.Keyed[string, move]) looker {
		v := new(stream.View[string, []stream.Pane[string, int]])
		moves.Window(window.Session(time.Minute)).Aggregate(window.Sum(func(m move) int { return m.Pieces }), stream.Expose(v)).To(sink.Discard[stream.Pane[string, int]]())
		return lookerOf(v)
	},
	"own": func(moves stream.Keyed[string, move]) looker {
		v := new(held)
		exposing["Apply"](moves, v)
		return lookerOf(v)
	},
	"own, in order": func(moves stream.Keyed[string, move]) looker {
		v := new(held)
		moves.Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, move, int], error) {
			k := keeping{c.KeyedState[string, []string]("moves")}
			k.Expose(v)
			return k, nil
		}, stream.InOrder(), stream.Name("moves")).To(sink.Discard[int]())
		return lookerOf(v)
	},
}

// What is read of a checkpoint is what was held when it was taken: while the run goes on and when it has ended, by a program that runs
// nothing, and of older checkpoints, too.
func TestAsOf(t *testing.T) {
	for name, build := range lookers {
		for shards := 1; shards <= 3; shards++ {
			t.Run(fmt.Sprint(name, shards), func(t *testing.T) {
				store := checkpoint.Memory()
				in := streamtest.NewInput[move]()
				plan := func() (*stream.Pipeline, looker) {
					p := stream.New("stock")
					return p, build(p.From(in).KeyBy(move.product))
				}
				p, v := plan()
				d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
				_, err := v.asOf(t, store, 0)
				require.ErrorIs(t, err, fs.ErrNotExist)
				var were []map[string]string
				for n := range 90 {
					in.PushAt(time.Unix(int64(n), 0), move{fmt.Sprint("p", n%40), n})
					if n%30 == 29 {
						in.AdvanceWatermark(time.Unix(int64(n)-3, 0))
						d.Settle()
						were = append(were, v.now(t))
						d.Checkpoint()
						is, err := v.asOf(t, store, 0)
						require.NoError(t, err)
						require.Equal(t, were[len(were)-1], is)
					}
				}
				require.NotEqual(t, were[0], were[2])
				d.Kill()
				if !strings.HasPrefix(name, "own") {
					_, v = plan() // which nobody runs
				}
				kept, err := checkpoint.Inspect(store)
				require.NoError(t, err)
				require.Len(t, kept, 3)
				for i, m := range kept {
					is, err := v.asOf(t, store, m.ID)
					require.NoError(t, err)
					require.Equal(t, were[2-i], is)
				}
				_, err = v.asOf(t, store, 99)
				require.ErrorIs(t, err, fs.ErrNotExist)
			})
		}
	}
}

// A checkpoint of another operator, of other types or another kind is an error that says so.
func TestAsOfOthers(t *testing.T) {
	store := checkpoint.Memory()
	moves := func() stream.Keyed[string, move] {
		return stream.New("stock").From(source.Slice([]move{{"tea", 1}})).KeyBy(move.product)
	}
	pieces := func(m move) int { return m.Pieces }
	var v stream.View[string, int]
	p := stream.New("stock")
	p.From(source.Slice([]move{{"tea", 1}})).KeyBy(move.product).Running(window.Sum(pieces), stream.Expose(&v), stream.Name("sums")).To(sink.Discard[stream.KeyValue[string, int]]())
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(store, time.Hour)))
	s, err := v.AsOf(store, 0)
	require.NoError(t, err)
	n, known, err := s.Get("tea")
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, 1, n)
	require.True(t, s.Watermark().IsZero(), "there are no event times")

	var other, max, process stream.View[string, int]
	var texts stream.View[string, string]
	moves().Running(window.Sum(pieces), stream.Expose(&other), stream.Name("others"))
	_, err = other.AsOf(store, 0)
	require.ErrorContains(t, err, "stream: others: view: checkpoint 1: it has no state of others")
	var sums stream.View[string, int]
	stream.New("another").From(source.Slice([]move{{"tea", 1}})).KeyBy(move.product).Running(window.Sum(pieces), stream.Expose(&sums), stream.Name("sums"))
	_, err = sums.AsOf(store, 0)
	require.ErrorIs(t, err, checkpoint.ErrOtherPipeline)
	require.ErrorContains(t, err, `it is of pipeline "stock", not of "another"`)
	moves().Running(window.Max(pieces), stream.Expose(&max), stream.Name("sums"))
	_, err = max.AsOf(store, 0)
	require.ErrorContains(t, err, "stream: sums: view: checkpoint 1: it was set to aggregator ")
	moves().Process(count, nil, stream.Expose(&process), stream.Name("sums"))
	_, err = process.AsOf(store, 0)
	require.ErrorContains(t, err, "checkpoint 1: there it is a running, and here a process")
	moves().Running(window.MapReduce(move.product, func(a, _ string) string { return a }), stream.Expose(&texts), stream.Name("sums"))
	_, err = texts.AsOf(store, 0)
	require.Error(t, err)
	_, err = new(held).AsOf(store, 0)
	require.EqualError(t, err, "stream: a View of no operator: hand it to Expose first")
	require.Panics(t, func() { _, _ = v.AsOf(nil, 0) })
}

// Beside a run that takes and removes checkpoints, each answer is of one moment on all shards: of the first n events, whatever n is.
func TestAsOfWhileRunning(t *testing.T) {
	const keys = 7
	store := checkpoint.Memory()
	var v stream.View[int, int64]
	p := stream.New("numbers")
	p.From(source.Generate(1<<40, func(i int64) int { return int(i % keys) }, source.Rate(200_000))).
		KeyBy(func(i int) int { return i }).
		Running(window.Count[int](), stream.Expose(&v)).
		To(sink.Discard[stream.KeyValue[int, int64]]())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, stream.Shards(3), stream.Checkpoints(store, time.Millisecond, checkpoint.Keep(1)))
	}()
	for read, last := 0, int64(0); read < 20; {
		require.Empty(t, ended)
		s, err := v.AsOf(store, 0)
		if err != nil {
			require.ErrorIs(t, err, fs.ErrNotExist) // none yet, or five were removed under it
			continue
		}
		id, _ := s.Checkpoint()
		if id == last {
			continue
		}
		counts, n := map[int]int64{}, int64(0)
		for kv, err := range s.All() {
			require.NoError(t, err)
			counts[kv.Key] = kv.Value
			n += kv.Value
		}
		for k := range keys {
			require.Equal(t, (n+keys-1-int64(k))/keys, counts[k], "of %d events", n)
		}
		read, last = read+1, id
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}
