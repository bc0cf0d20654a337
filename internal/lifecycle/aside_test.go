package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// An entry of a book.
type entry struct {
	Key string
	N   int
	At  int64
}

func (e entry) key() string   { return e.Key }
func (e entry) at() time.Time { return time.Unix(e.At, 0) }

func entries(n int) (all []entry) {
	for i := range n {
		all = append(all, entry{string(rune('a' + i%4)), i, int64(i)})
	}
	return all
}

// waiting has each partition of a source read by a task of its own.
type waiting[T any] struct{ stream.Source[T] }

type waitingReader[T any] struct{ stream.Reader[T] }

func (waitingReader[T]) Waits() bool { return true }

func (w waiting[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	readers, err := w.Source.Open(c)
	for i := range readers {
		readers[i] = waitingReader[T]{readers[i]}
	}
	return readers, err
}

// flushed is a sink that shows what it was given once it is flushed.
type flushed struct {
	mu  sync.Mutex
	all []string
}

type flushedWriter struct {
	to   *flushed
	held []string
}

func (f *flushed) Open(*stream.SinkContext) (stream.Writer[string], error) {
	return &flushedWriter{to: f}, nil
}

func (w *flushedWriter) Write(_ context.Context, b *stream.Batch[string]) error {
	for _, v := range b.All() {
		w.held = append(w.held, v)
	}
	return nil
}

func (w *flushedWriter) Flush(context.Context) error {
	w.to.mu.Lock()
	defer w.to.mu.Unlock()
	w.to.all, w.held = append(w.to.all, w.held...), nil
	return nil
}

func (*flushedWriter) Close() error { return nil }

// sums are windows whose aggregator panics on one number in ten.
func sums(s stream.Stream[entry], bad *stream.Failures[entry]) stream.Stream[stream.Pane[string, int]] {
	return s.EventTime(entry.at).KeyBy(entry.key).Window(window.Tumbling(10*time.Second)).
		Aggregate(window.MapReduce(func(e entry) int {
			if e.N%10 == 3 {
				panic("three")
			}
			return 1
		}, func(a, b int) int { return a + b }), stream.Divert(bad))
}

// What a windowed aggregate fails on, it fails on in front of the exchange: that is where
// the stream of failures is put out, however it goes on. It can be merged with
// the panes, has its events brought together by key, and is joined.
func TestFailuresOfAggregatesGoOn(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for name, in := range map[string]stream.Source[entry]{
			"shared":  source.Slice(entries(50), entries(50), entries(50)),
			"waiting": waiting[entry]{source.Slice(entries(50), entries(50), entries(50))},
			"one":     source.Slice(entries(150)),
		} {
			for _, opts := range [][]stream.RunOption{{stream.Shards(shards)}, {stream.Shards(shards), stream.Checkpoints(checkpoint.Memory(), time.Hour)}} {
				what := fmt.Sprintf("%s, %d shards, %d options", name, shards, len(opts))

				p := stream.New("merged")
				var bad stream.Failures[entry]
				merged := &flushed{}
				sums(p.From(in), &bad).Map(func(p stream.Pane[string, int]) string { return fmt.Sprint("pane ", p.Value) }).
					Merge(bad.Stream().Map(func(stream.Failed[entry]) string { return "bad" })).To(merged)
				require.NoError(t, p.Run(t.Context(), opts...), what)
				total, failed := 0, 0
				for _, v := range merged.all {
					var n int
					if _, err := fmt.Sscanf(v, "pane %d", &n); err == nil {
						total += n
					} else {
						failed++
					}
				}
				require.Equal(t, 135, total, what)
				require.Equal(t, 15, failed, what)

				if len(opts) > 1 {
					continue // the store has the other pipeline's
				}
				p, bad = stream.New("keyed"), stream.Failures[entry]{}
				counts := &flushed{}
				sums(p.From(in), &bad).To(sink.Discard[stream.Pane[string, int]]())
				bad.Stream().KeyBy(func(stream.Failed[entry]) int { return 0 }).Running(window.Count[stream.Failed[entry]]()).
					Map(func(kv stream.KeyValue[int, int64]) string { return fmt.Sprintf("%02d", kv.Value) }).To(counts)
				require.NoError(t, p.Run(t.Context(), opts...), what)
				slices.Sort(counts.all)
				require.Len(t, slices.Compact(slices.Clone(counts.all)), 15, "%s: one state of one key counts to 15: %v", what, counts.all)

				p, bad = stream.New("joined"), stream.Failures[entry]{}
				groups := &flushed{}
				sums(p.From(in), &bad).KeyBy(func(p stream.Pane[string, int]) string { return p.Key }).
					CoGroup(bad.Stream().KeyBy(func(f stream.Failed[entry]) string { return f.Value.Key }), window.Tumbling(10*time.Second),
						func(p stream.Pane[string, stream.Group[stream.Pane[string, int], stream.Failed[entry]]]) string {
							return fmt.Sprint(p.Key, p.Start.Unix(), len(p.Value.Left), len(p.Value.Right))
						}).
					Map(func(p stream.Pane[string, string]) string { return p.Value }).To(groups)
				require.NoError(t, p.Run(t.Context(), opts...), what)
				require.NotEmpty(t, groups.all, what)
				require.Len(t, slices.Compact(sortedStrings(groups.all)), len(groups.all), "%s: each group once", what)
			}
		}
	}
}

func sortedStrings(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return all
}

// A run that goes on from a checkpoint is late for what comes behind the watermark of
// that, and has it in Late.
func TestLateAfterRestore(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for name, spec := range map[string]window.Spec{"tumbling": window.Tumbling(10 * time.Second), "sessions": window.Session(10 * time.Second)} {
			store := checkpoint.Memory()
			run := func(parts ...[]entry) (late []entry, tooLate int64) {
				p := stream.New("late")
				w := p.From(source.Slice(parts...), stream.Name("entries")).
					EventTime(entry.at, stream.Name("time")).KeyBy(entry.key).Window(spec, stream.Name("windows"))
				out := sink.Collect[entry]()
				w.Late().To(out)
				w.Count(stream.Name("counts")).To(sink.Discard[stream.Pane[string, int64]]())
				require.NoError(t, p.Run(t.Context(), stream.Shards(shards), stream.Checkpoints(store, time.Hour)))
				s, _ := p.Stats().Operator("counts")
				return out.Values(), s.TooLate
			}
			first := []entry{{"a", 1, 1}, {"a", 2, 15}, {"a", 3, 100}, {"b", 3, 100}}
			late, _ := run(first)
			require.Empty(t, late)
			late, tooLate := run(first, []entry{{"a", 4, 5}, {"b", 5, 6}, {"c", 6, 20}})
			require.Len(t, late, 3, "%s, %d shards", name, shards)
			require.Zero(t, tooLate)
		}
	}
}

// The first error is that of a run: what follows an operator has failed, and the
// function that goes on putting out has not.
func TestTheFirstErrorCounts(t *testing.T) {
	first := errors.New("first")
	broken := sink.Func(func(context.Context, stream.Event[int]) error { return first })
	second := func(n int) {
		if n >= 3 {
			panic("second")
		}
	}
	for name, add := range map[string]func(s stream.Stream[int]) stream.Stream[int]{
		"flatmap": func(s stream.Stream[int]) stream.Stream[int] {
			return s.FlatMap(func(n int, emit func(int)) {
				for range 10 {
					emit(n)
				}
				second(n)
			})
		},
		"running": func(s stream.Stream[int]) stream.Stream[int] {
			return s.KeyBy(func(int) int { return 0 }).
				Running(window.Sum(func(n int) int { second(n / 10); return n })).
				Map(func(kv stream.KeyValue[int, int]) int { return kv.Value })
		},
		"apply": func(s stream.Stream[int]) stream.Stream[int] {
			return s.Apply(func(*stream.OperatorContext) (stream.Processor[int, int], error) { return many{f: second}, nil })
		},
	} {
		p := stream.New("first")
		var in []int
		for n := range 60 {
			in = append(in, n)
		}
		add(p.From(source.Slice(in))).To(broken, stream.Name("broken"))
		err := p.Run(t.Context(), stream.Shards(1), stream.BatchSize(6))
		require.ErrorIs(t, err, first, name)
		require.ErrorContains(t, err, "stream: broken", name)
	}
}

// many puts out ten for each.
type many struct {
	stream.Stateless
	f func(int)
}

func (m many) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	for row, n := range in.All() {
		for range 10 {
			out.From(in, row, n)
		}
		m.f(n)
	}
	return nil
}
