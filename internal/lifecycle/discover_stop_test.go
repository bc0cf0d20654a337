package lifecycle_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Add that is under way when watch returns is read, or is an error.
func TestAddWhileWatchReturns(t *testing.T) {
	for range 40 {
		var got taken
		var adding sync.WaitGroup
		added := 0
		p := stream.New("adds")
		p.From(shelves{watch: func(_ context.Context, parts *parts) error {
			begun := make(chan struct{})
			adding.Go(func() {
				for i := 0; parts.Add(context.Background(), fullShelf(strconv.Itoa(i), int64(i))) == nil; i++ {
					if added++; added == 3 {
						close(begun)
					}
				}
			})
			<-begun
			return nil
		}}).To(got.sink())
		require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Millisecond), stream.Shards(1)))
		adding.Wait()
		require.Len(t, got.sorted(), added)
	}
}

// A stubborn shelf refuses every Commit, or takes its time.
type stubborn struct {
	*shelf
	commit func() error
}

func (s stubborn) Commit(context.Context, string) error { return s.commit() }

// What moves partitions with a context of its own holds no run up: one that stops, one
// that fails, and one whose readers cannot be told.
func TestMovingHoldsNoRunUp(t *testing.T) {
	refuses := func() error { return errors.New("not now") }
	slow := func() error { time.Sleep(300 * time.Millisecond); return nil }
	again := func(parts *parts) error {
		if err := parts.Remove(context.Background(), "a"); err != nil {
			return err
		}
		return parts.Add(context.Background(), newShelf("a", 5))
	}
	for name, test := range map[string]struct {
		commit func() error
		watch  watch
		fails  bool
	}{
		"add of one that leaves": {refuses, func(_ context.Context, parts *parts) error { return again(parts) }, false},
		"and the run fails":      {refuses, func(_ context.Context, parts *parts) error { return again(parts) }, true},
		"remove at the stop": {slow, func(ctx context.Context, parts *parts) error {
			<-ctx.Done()
			time.Sleep(20 * time.Millisecond)
			return parts.Remove(context.Background(), "a")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := stubborn{newShelf("a", 1, 2), test.commit}
				p := stream.New("moves")
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				p.From(opens(func(c *stream.SourceContext) []stream.Reader[int64] {
					stream.Discover(c, test.watch)
					b := newShelf("b")
					if test.fails {
						time.AfterFunc(500*time.Millisecond, func() { b.put(7) })
					}
					return []stream.Reader[int64]{a, eager{b}}
				})).Map(func(i int64) int64 {
					if i == 7 {
						panic("seven")
					}
					return i
				}).To(sink.Discard[int64]())
				begin := time.Now()
				err := p.Run(ctx, stream.Checkpoints(checkpoint.Memory(), 50*time.Millisecond), stream.StopTimeout(5*time.Second))
				if test.fails {
					assert.ErrorContains(t, err, "panic: seven")
				} else {
					assert.ErrorIs(t, err, context.DeadlineExceeded)
					assert.NotContains(t, err.Error(), "come to rest")
				}
				assert.Less(t, time.Since(begin), 3*time.Second)
			})
		})
	}
}

// An eager shelf is asked again and again.
type eager struct{ *shelf }

func (e eager) Read(ctx context.Context, in *stream.Intake[int64]) error {
	if err := e.shelf.Read(ctx, in); !errors.Is(err, stream.ErrNothing) {
		return err
	}
	time.Sleep(time.Millisecond)
	return nil
}

// later puts out what it has taken in five seconds after the first of it.
type later struct {
	held []int64
	at   time.Time
}

func (l *later) Process(b *stream.Batch[int64], _ *stream.Emitter[int64]) error {
	for _, v := range b.All() {
		l.held = append(l.held, v)
	}
	l.at = time.Now().Add(5 * time.Second)
	return nil
}

func (l *later) Wake() (time.Time, bool) { return l.at, len(l.held) > 0 }

func (l *later) Tick(_ time.Time, out *stream.Emitter[int64]) error {
	for _, v := range l.held {
		out.Emit(v, stream.Time(v))
	}
	l.held = nil
	return nil
}

// A stage whose partitions are mixed goes on when it has none left.
func TestMixedWithoutPartitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got taken
		p := stream.New("mixed")
		p.From(shelves{first: []*shelf{newShelf("a", 1, 2)}, watch: func(ctx context.Context, parts *parts) error {
			time.Sleep(time.Second)
			assert.NoError(t, parts.Remove(ctx, "a"))
			<-ctx.Done()
			return nil
		}}).Apply(func(*stream.OperatorContext) (stream.Processor[int64, int64], error) { return &later{}, nil }).
			EventTime(millis, stream.Idle(time.Second)).To(got.sink())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		assert.ErrorIs(t, p.Run(ctx, stream.Shards(1)), context.DeadlineExceeded)
		assert.Equal(t, []int64{1, 2}, got.sorted())
	})
}
