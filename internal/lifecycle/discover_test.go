package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// Partitions that come while the run lasts are read; it ends when none is to come
// and all have ended, and all readers are closed.
func TestDiscover(t *testing.T) {
	for _, shards := range []int{1, 3} {
		before := runtime.NumGoroutine()
		all := []*shelf{fullShelf("a", 1, 2), fullShelf("b", 3), fullShelf("c"), newShelf("d", 4)}
		var got taken
		p := stream.New("shelves")
		p.From(shelves{first: all[:1], watch: func(ctx context.Context, parts *parts) error {
			for _, s := range all[1:] {
				if err := parts.Add(ctx, s); err != nil {
					return err
				}
			}
			all[3].put(5)
			parts.Ready("d", "nobody")
			for all[3].Offset() != "2" {
				time.Sleep(time.Millisecond)
			}
			all[3].put(6)
			all[3].end()
			parts.Ready()
			return nil
		}}).To(got.sink())
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		require.Equal(t, []int64{1, 2, 3, 4, 5, 6}, got.sorted())
		for _, s := range all {
			<-s.closed
		}
		eventually(t, func() bool { return runtime.NumGoroutine() <= before })
	}
}

// What watch does wrong, or fails with, ends the run, and names the source.
func TestDiscoverFails(t *testing.T) {
	for name, test := range map[string]struct {
		watch watch
		want  string
	}{
		"error": {func(context.Context, *parts) error { return errors.New("the broker is gone") }, "stream: shelves: the broker is gone"},
		"panic": {func(context.Context, *parts) error { panic("seven") }, "stream: shelves: panic: seven"},
		"exit":  {func(context.Context, *parts) error { runtime.Goexit(); return nil }, "stream: shelves: the function has ended its goroutine"},
		"twice": {func(ctx context.Context, parts *parts) error { return parts.Add(ctx, newShelf("first")) },
			`stream: shelves: partition "first": the source has a partition of that name already`},
		"waits": {func(ctx context.Context, parts *parts) error {
			return parts.Add(ctx, waitingReader[int64]{newShelf("b")})
		},
			`stream: shelves: partition "b": its reader is a Waiter that waits`},
		"old commit": {func(ctx context.Context, parts *parts) error { return parts.Add(ctx, oldShelf{newShelf("b")}) },
			"has a method Commit(offset string) error"},
	} {
		t.Run(name, func(t *testing.T) {
			first := newShelf("first", 1)
			p := stream.New("shelves")
			p.From(shelves{first: []*shelf{first}, watch: test.watch}, stream.Name("shelves")).To(sink.Discard[int64]())
			err := p.Run(t.Context())
			require.ErrorContains(t, err, test.want)
			_, named := errors.AsType[*stream.OperatorError](err)
			require.True(t, named)
			<-first.closed
		})
	}
}

// A source of one type that discovers partitions of another is found out when it is
// opened, and so are readers that wait and a second Discover.
func TestDiscoverRefuses(t *testing.T) {
	for want, open := range map[string]func(c *stream.SourceContext) []stream.Reader[int64]{
		"a source of int64 has given Discover a func(context.Context, *stream.Partitions[string]) error": func(c *stream.SourceContext) []stream.Reader[int64] {
			stream.Discover(c, func(context.Context, *stream.Partitions[string]) error { return nil })
			return nil
		},
		"its reader is a Waiter that waits": func(c *stream.SourceContext) []stream.Reader[int64] {
			stream.Discover(c, func(context.Context, *parts) error { return nil })
			return []stream.Reader[int64]{waitingReader[int64]{newShelf("a")}}
		},
		"Discover is called twice": func(c *stream.SourceContext) []stream.Reader[int64] {
			stream.Discover(c, func(context.Context, *parts) error { return nil })
			stream.Discover(c, func(context.Context, *parts) error { return nil })
			return nil
		},
		"the function watch is nil": func(c *stream.SourceContext) []stream.Reader[int64] {
			stream.Discover[int64](c, nil)
			return nil
		},
	} {
		p := stream.New("refused")
		p.From(opens(open)).To(sink.Discard[int64]())
		require.ErrorContains(t, p.Run(t.Context()), want)
	}
}

// What a task fails with is the run's error, and not what watch hears of it.
func TestDiscoverAndFailures(t *testing.T) {
	for range 50 {
		p := stream.New("shelves")
		p.From(shelves{watch: func(ctx context.Context, parts *parts) error {
			for i := range 1000 {
				if err := parts.Add(ctx, newShelf(strconv.Itoa(i), int64(i))); err != nil {
					return err
				}
			}
			return nil
		}}).Map(func(i int64) int64 {
			if i == 7 {
				panic("seven")
			}
			return i
		}).To(sink.Discard[int64]())
		require.ErrorContains(t, p.Run(t.Context(), stream.Shards(2)), "panic: seven")
	}
}

// The methods of Partitions are errors once watch has returned.
func TestDiscoverIsOver(t *testing.T) {
	kept := make(chan *parts, 1)
	first := newShelf("first")
	p := stream.New("over")
	p.From(shelves{first: []*shelf{first}, watch: func(_ context.Context, parts *parts) error { kept <- parts; return nil }}).
		To(sink.Discard[int64]())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(t.Context()) }()
	late := <-kept
	eventually(t, func() bool {
		err := late.Add(t.Context(), fullShelf(strconv.Itoa(rand())))
		return err != nil && assert.ErrorContains(t, err, "while the source is watched")
	})
	require.ErrorContains(t, late.Remove(t.Context(), "first"), "while the source is watched")
	p.Stats()
	first.end()
	late.Ready()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("those that were added in time do not end")
	}
}

var counter atomic.Int64

func rand() int { return int(counter.Add(1)) }

// A partition that is removed is closed when a checkpoint that has its offset is
// durable, and committed, and not before; without checkpoints when the sinks have
// flushed what was read of it, and it has been told so.
func TestRemove(t *testing.T) { synctest.Test(t, removes) }

func removes(t *testing.T) {
	for _, kept := range []bool{false, true} {
		a, b := newShelf("a", 1, 2, 3), newShelf("b", 4)
		store := checkpoint.Memory()
		var opts []stream.RunOption
		if kept {
			opts = append(opts, stream.Checkpoints(slowStore{store}, time.Hour))
		}
		var got taken
		p := stream.New("removes")
		p.From(shelves{first: []*shelf{a, b}, watch: func(ctx context.Context, parts *parts) error {
			synctest.Wait()
			require.NoError(t, parts.Remove(ctx, "a"))
			select {
			case <-a.closed:
				require.False(t, kept)
			default:
			}
			a.put(100) // nobody reads it
			parts.Ready()
			if kept {
				require.NoError(t, parts.Remove(ctx, "a"), "once more")
			}
			again := fullShelf("a", 5)
			require.NoError(t, parts.Add(ctx, again), "it waits for the old one")
			<-a.closed
			require.Equal(t, "3", a.committed)
			b.end()
			parts.Ready()
			return nil
		}}, stream.Name("shelves")).To(got.sink())
		require.NoError(t, p.Run(t.Context(), opts...))
		require.Equal(t, []int64{1, 2, 3, 4, 5}, got.sorted())
		if kept {
			all, err := checkpoint.Inspect(store)
			require.NoError(t, err)
			require.Len(t, all[0].Sources, 2)
			for _, s := range all[0].Sources {
				require.Equal(t, "1", s.Offset)
				require.True(t, s.Done)
			}
		}
	}
}

// slowStore takes a while to write.
type slowStore struct{ checkpoint.Store }

func (s slowStore) Write(name string, data ...[]byte) error {
	time.Sleep(time.Second)
	return s.Store.Write(name, data...)
}

// Ten thousand partitions come and go in a run that never reads more than some at once.
func TestManyPartitions(t *testing.T) {
	n := racing.Rounds(10_000, 2_000)
	var got taken
	p := stream.New("many")
	p.From(shelves{watch: func(ctx context.Context, parts *parts) error {
		var here []*shelf
		for i := range int64(n) {
			s := fullShelf(fmt.Sprint("file ", i), i)
			here = append(here, s)
			if err := parts.Add(ctx, s); err != nil {
				return err
			}
			if len(here) > 100 {
				if err := parts.Remove(ctx, here[0].name); err != nil {
					return err
				}
				<-here[0].closed
				here = here[1:]
			}
		}
		return nil
	}}).To(got.sink())
	require.NoError(t, p.Run(t.Context(), stream.Shards(2)))
	require.NotEmpty(t, got.sorted())
	require.LessOrEqual(t, len(got.sorted()), n)
}

// The driver of tests hears of new partitions when it settles.
func TestDiscoverInDriver(t *testing.T) {
	a := newShelf("a", 1)
	added := make(chan struct{})
	p := stream.New("driven")
	out := streamtest.Collect(p.From(shelves{watch: func(ctx context.Context, parts *parts) error {
		if err := parts.Add(ctx, a); err != nil {
			return err
		}
		a.put(2)
		parts.Ready()
		close(added)
		<-ctx.Done()
		return nil
	}}))
	d := streamtest.Start(t, p)
	eventually(t, func() bool {
		d.Settle()
		select {
		case <-added:
			return true
		default:
			return false
		}
	})
	d.Settle()
	require.Equal(t, []int64{1, 2}, out.Take())
}
