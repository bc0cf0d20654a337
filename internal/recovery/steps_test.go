package recovery_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// Steps are a source that a test feeds while it is read: it has read all
// that give was called with when give returns.
type steps struct{ next chan []int64 }

func newSteps() steps { return steps{make(chan []int64)} }

func (s steps) give(ctx context.Context, keys []int64) {
	select {
	case s.next <- keys:
		s.next <- nil // it is asked for when all before has been read
	case <-ctx.Done():
	}
}

func (s steps) Open(*stream.SourceContext) ([]stream.Reader[int64], error) {
	return []stream.Reader[int64]{&stepReader{from: s}}, nil
}

type stepReader struct {
	from steps
	rest []int64
}

func (r *stepReader) Partition() string { return "steps" }
func (r *stepReader) Offset() string    { return "wherever" }
func (r *stepReader) Waits() bool       { return true }
func (r *stepReader) Close() error      { return nil }

func (r *stepReader) Read(ctx context.Context, b *stream.Intake[int64]) error {
	for len(r.rest) == 0 {
		select {
		case r.rest = <-r.from.next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	n := min(b.Room(), len(r.rest))
	b.Append(r.rest[:n]...)
	r.rest = r.rest[n:]
	return nil
}

// counting counts keys, and shows the counts to out.
func counting(s steps, out func(stream.KeyValue[int64, int64])) *stream.Pipeline {
	p := stream.New("counting")
	p.From(s, stream.Name("steps")).
		KeyBy(func(k int64) int64 { return k }).
		Running(window.Count[int64](), stream.Name("counts")).
		To(sink.Func(func(_ context.Context, e stream.Event[stream.KeyValue[int64, int64]]) error {
			out(e.Value)
			return nil
		}))
	return p
}

// upTo returns the numbers below n.
func upTo(n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(i)
	}
	return all
}

// some returns n numbers below of, at random.
func some(rng *rand.Rand, n, of int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = rng.Int64N(int64(of))
	}
	return all
}

// What a checkpoint writes is in proportion to what has changed, and a run
// that begins with patches has the right state.
func TestPatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys, each, recordSize = 30_000, 60, 32
		store := checkpoint.Memory()
		rng := rand.New(rand.NewPCG(20, 21))
		want := map[int64]int64{}
		var last []int64
		for life := range 3 {
			var mu sync.Mutex
			got := map[int64]int64{}
			s := newSteps()
			p := counting(s, func(kv stream.KeyValue[int64, int64]) {
				mu.Lock()
				defer mu.Unlock()
				got[kv.Key] = kv.Value
			})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				ended <- p.Run(ctx, stream.Shards(2+life), stream.Checkpoints(store, time.Second))
			}()
			give := func(step []int64) {
				for _, k := range step {
					want[k]++
				}
				s.give(ctx, step)
			}
			if life == 0 {
				give(upTo(keys))
			} else { // the counts go on where they were
				give(last)
				synctest.Wait()
				require.NotEmpty(t, got)
				for k, n := range got {
					require.Equal(t, want[k], n, "key %d", k)
				}
			}
			time.Sleep(1100 * time.Millisecond)
			synctest.Wait()
			first := p.Stats().Checkpoints
			require.Equal(t, first.Bytes, first.Written, "the first one writes all")
			written := int64(0)
			const turns = 24
			for range turns {
				last = some(rng, each, keys)
				give(last)
				time.Sleep(time.Second)
				synctest.Wait()
				stats := p.Stats().Checkpoints
				require.Less(t, stats.Written, stats.Bytes/4)
				written += stats.Written
			}
			require.Zero(t, p.Stats().Checkpoints.Failed)
			require.Equal(t, first.Made+turns, p.Stats().Checkpoints.Made)
			// One group of 128 is written whole in each turn.
			most := 4*each*recordSize + first.Bytes/100
			t.Logf("%d bytes of %d written in a turn, %d at most", written/turns, first.Bytes, most)
			require.LessOrEqual(t, written/turns, most)

			all, err := keeper.Inspect(store)
			require.NoError(t, err)
			patched := 0
			for _, o := range all[0].Operators {
				for _, piece := range o.Pieces {
					patched += len(piece.Patches)
				}
			}
			require.Greater(t, patched, 50, "it begins with patches")
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
		}
		s := newSteps()
		got := map[int64]int64{}
		p := counting(s, func(kv stream.KeyValue[int64, int64]) { got[kv.Key] = kv.Value })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, time.Hour)) }()
		s.give(ctx, upTo(keys))
		synctest.Wait()
		for k := range want {
			want[k]++
		}
		require.True(t, maps.Equal(want, got))
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		names, err := store.List()
		require.NoError(t, err)
		n := 0
		for _, name := range names {
			if strings.HasPrefix(name, "state-") {
				n++
			}
		}
		require.Less(t, n, 400, "old files go")
	})
}
