package lifecycle_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// Checkpoints keep the offset, and the watermark, of a partition that has not
// come yet, until the source removes it.
func TestAbsentPartitionsAreKept(t *testing.T) {
	store := checkpoint.Memory()
	var offsets map[string]string
	run := func(first []*shelf, watch watch) []int64 {
		var got taken
		p := stream.New("absent")
		p.From(shelves{first: first, watch: watch, offsets: &offsets}, stream.Name("shelves")).
			EventTime(millis).
			Filter(func(i int64) bool { return i >= 0 }).
			Tap(func(int64) {}).
			To(got.sink())
		require.NoError(t, p.Run(t.Context(), stream.Checkpoints(store, time.Hour), stream.Shards(2)))
		return got.sorted()
	}
	sources := func() map[string]string {
		all, err := checkpoint.Inspect(store)
		require.NoError(t, err)
		found := map[string]string{}
		for _, s := range all[0].Sources {
			found[s.Partition] = s.Offset
		}
		return found
	}
	nothing := func(context.Context, *parts) error { return nil }
	require.Equal(t, []int64{1, 2, 3}, run([]*shelf{fullShelf("a", 1, 2), fullShelf("b", 3)}, nothing))
	require.Empty(t, offsets)
	for range 2 {
		run([]*shelf{fullShelf("c")}, nothing)
		require.Equal(t, map[string]string{"a": "2", "b": "1", "c": "0"}, sources())
	}
	a := fullShelf("a", 1, 2, 7)
	a.next = 2
	got := run(nil, func(ctx context.Context, parts *parts) error {
		return errors.Join(parts.Remove(ctx, "b"), parts.Add(ctx, a))
	})
	require.Equal(t, map[string]string{"a": "2", "b": "1", "c": "0"}, offsets)
	require.Equal(t, []int64{7}, got)
	require.Equal(t, map[string]string{"a": "3", "c": "0"}, sources())
}

// A new partition holds the watermark of the source back from when it was added,
// whichever shard reads it; a source without partitions holds nothing back.
func TestNewPartitionsHoldBack(t *testing.T) {
	for shards := 1; shards <= 4; shards++ {
		newPartitionsHoldBack(t, shards, func(_ *stream.Pipeline, s stream.Stream[int64]) stream.Stream[int64] { return s })
	}
}

// So does one that is told of behind a Union, whose other source has ended, or has no partitions.
func TestNewPartitionsHoldBackBehindUnion(t *testing.T) {
	for shards := 1; shards <= 2; shards++ {
		newPartitionsHoldBack(t, shards, func(p *stream.Pipeline, s stream.Stream[int64]) stream.Stream[int64] {
			return s.Merge(p.From(shelves{first: []*shelf{fullShelf("none")}, watch: func(context.Context, *parts) error { return nil }}))
		})
		newPartitionsHoldBack(t, shards, func(p *stream.Pipeline, s stream.Stream[int64]) stream.Stream[int64] {
			return s.Merge(p.From(shelves{watch: func(context.Context, *parts) error { return nil }}))
		})
	}
}

func newPartitionsHoldBack(t *testing.T, shards int, shape func(*stream.Pipeline, stream.Stream[int64]) stream.Stream[int64]) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newShelf("a"), newShelf("b"), newShelf("c")
		var got taken
		p := stream.New("hold")
		shape(p, p.From(shelves{watch: func(ctx context.Context, parts *parts) error {
			step := func(s *shelf, row int64, want ...int64) {
				t.Helper()
				s.put(row)
				parts.Ready(s.name)
				time.Sleep(time.Second)
				assert.Equal(t, want, got.sorted())
			}
			add := func(s *shelf) { t.Helper(); assert.NoError(t, parts.Add(ctx, s)) }
			add(a)
			step(a, 5)
			step(a, 25, 1)
			add(b)
			step(a, 99, 1)
			step(b, 14, 1) // is too late
			step(b, 27, 1)
			add(c)
			step(b, 99, 1)
			step(c, 31, 1, 2) // 5; 25, 27
			assert.NoError(t, parts.Remove(ctx, "c"))
			time.Sleep(time.Second)
			assert.Equal(t, []int64{1, 1, 2}, got.sorted()) // 31
			assert.NoError(t, parts.Remove(ctx, "a"))
			assert.NoError(t, parts.Remove(ctx, "b"))
			return nil
		}})).EventTime(millis).
			Window(window.Tumbling(10 * time.Millisecond)).Count().
			Map(func(p stream.Pane[stream.NoKey, int64]) int64 { return p.Value }).
			To(got.sink())
		assert.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		assert.Equal(t, []int64{1, 1, 2, 2}, got.sorted())
	})
}

// A source without partitions holds nothing back of what it is merged with.
func TestNoPartitionsHoldNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newShelf("a", 5, 25)
		var got taken
		p := stream.New("merged")
		never := p.From(shelves{watch: func(ctx context.Context, parts *parts) error { <-ctx.Done(); return nil }}).EventTime(millis)
		p.From(shelves{first: []*shelf{a}, watch: func(ctx context.Context, _ *parts) error { <-ctx.Done(); return nil }}).EventTime(millis).
			Merge(never).
			Window(window.Tumbling(10 * time.Millisecond)).Count().
			Map(func(p stream.Pane[stream.NoKey, int64]) int64 { return p.Value }).
			To(got.sink())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		assert.ErrorIs(t, p.Run(ctx, stream.Shards(3)), context.DeadlineExceeded)
		assert.Equal(t, []int64{1}, got.sorted())
	})
}

// A checkpoint that was given up does not take with it how far a partition had come that has left: the next one has
// its offset, and that, wherever it is read.
func TestGivenUpKeepsWhoHasLeft(t *testing.T) {
	for _, merged := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store := &refusingStore{Store: checkpoint.Memory()}
			over := errors.New("over")
			run := func(watch watch) (tooLate int64, err error) {
				p := stream.New("left")
				s := p.From(shelves{watch: watch}, stream.Name("shelves"))
				if merged {
					s = s.Merge(p.From(shelves{watch: func(context.Context, *parts) error { return nil }}, stream.Name("none")))
				}
				s.EventTime(millis).
					Window(window.Tumbling(10 * time.Millisecond)).Count(stream.Name("count")).
					To(sink.Discard[stream.Pane[stream.NoKey, int64]]())
				err = p.Run(t.Context(), stream.Checkpoints(store, 10*time.Second), stream.Shards(2))
				stats, _ := p.Stats().Operator("count")
				return stats.TooLate, err
			}
			_, err := run(func(ctx context.Context, parts *parts) error {
				assert.NoError(t, errors.Join(parts.Add(ctx, newShelf("a", 50)), parts.Add(ctx, newShelf("b", 7))))
				time.Sleep(time.Second)
				store.refuses.Store(true)
				assert.NoError(t, parts.Remove(ctx, "a"))
				time.Sleep(14 * time.Second)
				return over
			})
			assert.ErrorIs(t, err, over)
			assert.False(t, store.refuses.Load(), "no checkpoint was given up")
			tooLate, err := run(func(ctx context.Context, parts *parts) error {
				a, b := fullShelf("a", 50, 20), fullShelf("b", 7)
				a.next, b.next = 1, 1
				return errors.Join(parts.Add(ctx, a), parts.Add(ctx, b))
			})
			assert.NoError(t, err)
			assert.EqualValues(t, 1, tooLate, "20 comes behind 50; merged: %v", merged)
		})
	}
}

// A refusingStore refuses one Write when it is told to.
type refusingStore struct {
	checkpoint.Store
	refuses atomic.Bool
}

func (s *refusingStore) Write(name string, parts ...[]byte) error {
	if s.refuses.CompareAndSwap(true, false) {
		return errors.New("the disk is full")
	}
	return s.Store.Write(name, parts...)
}

// Idle counts for partitions that are not asked before the source is ready.
func TestDiscoveredPartitionsAreIdle(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		synctest.Test(t, func(t *testing.T) {
			a, b := newShelf("a", 5, 25), newShelf("b", 1)
			var got taken
			p := stream.New("idle")
			p.From(shelves{first: []*shelf{a, b}, watch: func(ctx context.Context, parts *parts) error {
				time.Sleep(4 * time.Second)
				assert.Empty(t, got.sorted())
				a.put(26)
				parts.Ready("a")
				time.Sleep(2 * time.Second)
				assert.Equal(t, []int64{2}, got.sorted(), "b is idle, and a is not")
				a.end()
				b.end()
				parts.Ready()
				return nil
			}}).EventTime(millis, stream.Idle(5*time.Second)).
				Window(window.Tumbling(10 * time.Millisecond)).Count().
				Map(func(p stream.Pane[stream.NoKey, int64]) int64 { return p.Value }).
				To(got.sink())
			assert.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		})
	}
}

// The event time of a partition that has not come is in the checkpoint of a run that
// is stopped, too: what it gives in the next one may be late.
func TestAbsentPartitionsKeepTheirTime(t *testing.T) {
	store := checkpoint.Memory()
	run := func(first []*shelf, watch watch) (late []int64) {
		synctest.Test(t, func(t *testing.T) {
			var onTime, behind taken
			p := stream.New("absent")
			a, b := p.From(shelves{first: first, watch: watch}, stream.Name("shelves")).
				EventTime(millis, stream.Name("times")).SplitLate(stream.Name("late"))
			a.To(onTime.sink(), stream.Name("on time"))
			b.To(behind.sink(), stream.Name("behind"))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			assert.ErrorIs(t, p.Run(ctx, stream.Checkpoints(store, time.Hour), stream.Shards(2)), context.DeadlineExceeded)
			late = behind.sorted()
		})
		return late
	}
	stays := func(ctx context.Context, _ *parts) error { <-ctx.Done(); return nil }
	assert.Empty(t, run([]*shelf{newShelf("a", 1000), newShelf("b", 1)}, func(ctx context.Context, parts *parts) error {
		time.Sleep(30 * time.Second)
		return parts.Remove(ctx, "b") // it is in the checkpoint of the stop
	}))
	assert.Empty(t, run([]*shelf{newShelf("c", 1)}, stays))
	again := newShelf("a", 1000, 5)
	again.next = 1
	assert.Equal(t, []int64{5}, run(nil, func(ctx context.Context, parts *parts) error {
		assert.NoError(t, parts.Add(ctx, again))
		<-ctx.Done()
		return nil
	}))
}

// Where a stage has mixed partitions, the watermark is that of none of them: it is there
// in the next run, also when the partition is gone that the task had first.
func TestWatermarkOfMixedPartitions(t *testing.T) {
	store := checkpoint.Memory()
	run := func(first []*shelf, watch watch) []int64 {
		var late taken
		p := stream.New("mixed")
		own := func(*stream.OperatorContext) (stream.Processor[int64, int64], error) { return same{}, nil }
		onTime, behind := p.From(shelves{first: first, watch: watch}).Apply(own).EventTime(millis).SplitLate()
		onTime.To(sink.Discard[int64]())
		behind.To(late.sink())
		require.NoError(t, p.Run(t.Context(), stream.Checkpoints(store, time.Hour), stream.Shards(1)))
		return late.sorted()
	}
	nothing := func(context.Context, *parts) error { return nil }
	require.Empty(t, run([]*shelf{fullShelf("a", 100), fullShelf("b")}, nothing))
	require.Empty(t, run([]*shelf{fullShelf("b")}, func(ctx context.Context, parts *parts) error { return parts.Remove(ctx, "a") }))
	require.Equal(t, []int64{50}, run([]*shelf{fullShelf("b", 50, 150)}, nothing))
}
