package stream_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// In these tests time is synctest's: it moves when all goroutines wait, so a
// call that takes a second takes none, and durations can be compared exactly.

func numbers(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestEnrichConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var under, most atomic.Int32
		call := func(_ context.Context, n int) (int, error) {
			now := under.Add(1)
			defer under.Add(-1)
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			time.Sleep(time.Second)
			return n * n, nil
		}
		p := stream.New("test")
		out := sink.Collect[int]()
		p.From(source.Slice(numbers(40))).Enrich(call, stream.Concurrency(8)).To(out)
		began := time.Now()
		require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
		require.Equal(t, int32(8), most.Load())
		require.Equal(t, 5*time.Second, time.Since(began), "40 calls of a second, 8 at once")
		for i, n := range out.Values() {
			require.Equal(t, i*i, n)
		}
		require.Len(t, out.Values(), 40)
	})
}

// The first call is the slowest: in order it holds up the others, unordered
// it comes last.
func TestEnrichOrder(t *testing.T) {
	for _, unordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			call := func(_ context.Context, n int) (int, error) {
				time.Sleep(time.Duration(10-n) * time.Second)
				return n, nil
			}
			opts, want := []stream.EnrichOption{}, []int{0, 1, 2, 3}
			if unordered {
				opts, want = append(opts, stream.Unordered()), []int{3, 2, 1, 0}
			}
			p := stream.New("test")
			out := sink.Collect[int]()
			p.From(source.Slice(numbers(4))).Enrich(call, opts...).To(out)
			require.NoError(t, p.Run(t.Context()))
			require.Equal(t, want, out.Values())
		})
	}
}

// Times and lateness stay those of the event, and windows behind a slow call
// still hold what they should.
func TestEnrichKeepsTimes(t *testing.T) {
	for _, unordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			call := func(_ context.Context, e tick) (tick, error) {
				time.Sleep(time.Duration(e.At%7) * time.Millisecond)
				return e, nil
			}
			opts := []stream.EnrichOption{}
			if unordered {
				opts = append(opts, stream.Unordered())
			}
			all := []tick{{At: 10}, {At: 30}, {At: 5}, {At: 31}, {At: 12}}
			p := stream.New("test")
			onTime, late := p.From(source.Slice(all)).EventTime(tickTime, stream.Disorder(3*time.Second)).Enrich(call, opts...).SplitLate()
			kept, rest := sink.Collect[tick](), sink.Collect[tick]()
			onTime.To(kept)
			late.To(rest)
			require.NoError(t, p.Run(t.Context()))
			require.ElementsMatch(t, []tick{{At: 10}, {At: 30}, {At: 31}}, kept.Values())
			require.ElementsMatch(t, []tick{{At: 5}, {At: 12}}, rest.Values())
			for _, e := range kept.Events() {
				require.True(t, e.Time.Std().Equal(tickTime(e.Value)))
			}
		})
	}
}

func TestEnrichRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		tries := map[int][]time.Duration{}
		began := time.Now()
		call := func(_ context.Context, n int) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			tries[n] = append(tries[n], time.Since(began))
			if len(tries[n]) <= n {
				return "", fmt.Errorf("%d is not ready", n)
			}
			return fmt.Sprint(n), nil
		}
		var failed stream.Failures[int]
		p := stream.New("test")
		out, bad := sink.Collect[string](), sink.Collect[stream.Failed[int]]()
		p.From(source.Slice(numbers(4))).
			Enrich(call, stream.Retry(2, time.Second), stream.Name("ask"), stream.Divert(&failed)).
			To(out)
		failed.Stream().To(bad)
		require.NoError(t, p.Run(t.Context()))

		require.Equal(t, []string{"0", "1", "2"}, out.Values())
		require.Len(t, bad.Values(), 1)
		require.Equal(t, 3, bad.Values()[0].Value)
		require.EqualError(t, bad.Values()[0].Err, "3 is not ready")
		require.Len(t, tries[3], 3)
		// A second, then two, give or take a half.
		require.InDelta(t, 1, (tries[3][1] - tries[3][0]).Seconds(), 0.5)
		require.InDelta(t, 2, (tries[3][2] - tries[3][1]).Seconds(), 1)
	})
}

func TestEnrichTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := func(ctx context.Context, n int) (int, error) {
			if n == 1 {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return n, nil
		}
		p := stream.New("test")
		out := sink.Collect[int]()
		p.From(source.Slice(numbers(3))).
			Enrich(call, stream.Timeout(time.Minute), stream.Name("ask")).
			To(out)
		began := time.Now()
		err := p.Run(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var failed *stream.OperatorError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "ask", failed.Operator)
		require.Equal(t, "slice 0 event 1", failed.Position)
		require.Equal(t, time.Minute, time.Since(began))
	})
}

// A call that hangs ends with the run, and a panic in one is a failure of its
// event alone.
func TestEnrichStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		call := func(ctx context.Context, n int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
		p := stream.New("test")
		p.From(source.Slice(numbers(3))).Enrich(call).To(sink.Discard[int]())
		time.AfterFunc(time.Second, cancel)
		require.ErrorIs(t, p.Run(ctx, stream.StopTimeout(time.Second)), context.Canceled)
	})
	call := func(_ context.Context, n int) (int, error) {
		if n == 1 {
			panic("one")
		}
		return n, nil
	}
	p := stream.New("test")
	out := sink.Collect[int]()
	p.From(source.Slice(numbers(3))).Enrich(call, stream.Retry(5, time.Hour), stream.SkipFailures()).To(out)
	require.NoError(t, p.Run(t.Context()))
	require.Equal(t, []int{0, 2}, out.Values(), "a panic is not tried again")
}

func TestLookupCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := map[int]int{}
		find := func(_ context.Context, k int) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			asked[k]++
			if k == 3 {
				return 0, errors.New("no three")
			}
			return asked[k], nil
		}
		input := make(chan int)
		p := stream.New("test")
		out := sink.Collect[string]()
		p.From(source.Chan(input)).KeyBy(func(k int) int { return k }).
			Lookup(find, func(k, n int) string { return fmt.Sprint(k, ":", n) },
				stream.CacheResults(2, time.Minute), stream.SkipFailures()).
			To(out)
		go func() {
			defer close(input)
			for _, k := range []int{1, 1, 2, 3, 3} {
				input <- k
				synctest.Wait()
			}
			time.Sleep(2 * time.Minute)
			input <- 1
		}()
		require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
		require.Equal(t, []string{"1:1", "1:1", "2:1", "1:2"}, out.Values())
		require.Equal(t, map[int]int{1: 2, 2: 1, 3: 2}, asked, "errors are not kept, results for a minute")
	})
}

// However many keys there have been, no more are kept than asked for.
func TestLookupCacheBound(t *testing.T) {
	var calls atomic.Int32
	find := func(_ context.Context, k int) (int, error) { calls.Add(1); return k, nil }
	p := stream.New("test")
	p.From(source.Slice(numbers(1000), numbers(1000))).KeyBy(func(k int) int { return k }).
		Lookup(find, func(a, b int) int { return a + b }, stream.CacheResults(100, time.Hour)).
		To(sink.Discard[int]())
	require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(50)))
	require.Greater(t, calls.Load(), int32(1500), "a cache of 100 cannot have held 1000")
}
