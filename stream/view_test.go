package stream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
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

// A move is of some pieces of a product. What is held of a product are its moves, as a slice: answers have to be copies.
type move struct {
	Product string
	Pieces  int
}

func (m move) product() string    { return m.Product }
func (m move) pieces() []string   { return []string{fmt.Sprint(m.Pieces)} }
func both(a, b []string) []string { return append(a, b...) }

type held = stream.View[string, []string]

// exposing are operators that expose what they hold of moves.
var exposing = map[string]func(moves stream.Keyed[string, move], to *held){
	"Running": func(moves stream.Keyed[string, move], to *held) {
		moves.Running(window.MapReduce(move.pieces, both), stream.Expose(to), stream.Name("moves")).To(sink.Discard[stream.KeyValue[string, []string]]())
	},
	"Process": func(moves stream.Keyed[string, move], to *held) {
		moves.Process(func(c *stream.KeyContext[string, []string, int], m move) error {
			*c.State() = both(*c.State(), m.pieces())
			return nil
		}, nil, stream.Expose(to), stream.Name("moves")).To(sink.Discard[int]())
	},
	"Apply": func(moves stream.Keyed[string, move], to *held) {
		moves.Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, move, int], error) {
			k := keeping{c.KeyedState[string, []string]("moves")}
			k.Expose(to)
			return k, nil
		}, stream.Name("moves")).To(sink.Discard[int]())
	},
}

type keeping struct {
	*stream.KeyedState[string, []string]
}

func (k keeping) Process(in *stream.KeyedBatch[string, move], _ *stream.Emitter[int]) error {
	for row := range in.All() {
		p := k.At(in.Ref(row))
		*p = both(*p, in.Value(row).pieces())
	}
	return nil
}

// What a View answers is what was held behind the events of before, on any number of shards and behind a restart, and a copy.
func TestView(t *testing.T) {
	for name, build := range exposing {
		for shards := 1; shards <= 3; shards++ {
			t.Run(fmt.Sprint(name, shards), func(t *testing.T) {
				ctx, store := t.Context(), checkpoint.Memory()
				var v held
				_, _, err := v.Get(ctx, "tea")
				require.EqualError(t, err, "stream: a View of no operator: hand it to Expose first")
				in := streamtest.NewInput[move]() // goes on behind the first run
				all := map[string][]string{}
				for run := range 2 {
					v = held{}
					p := stream.New("stock")
					build(p.From(in, stream.Name("in")).KeyBy(move.product), &v)
					if name != "Apply" { // which says so when it runs
						_, _, err = v.Get(ctx, "tea")
						require.ErrorIs(t, err, stream.ErrNotRunning)
						require.ErrorContains(t, err, "stream: moves: view: ")
					}
					d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
					if run == 0 {
						_, known, err := v.Get(ctx, "tea")
						require.NoError(t, err)
						require.False(t, known)
					}
					for n := range 60 {
						m := move{fmt.Sprint("p", n%20), 60*run + n}
						all[m.Product] = append(all[m.Product], m.pieces()...)
						in.Push(m)
					}
					d.Settle()
					for k, want := range all {
						got, known, err := v.Get(ctx, k)
						require.NoError(t, err)
						require.True(t, known)
						require.Equal(t, want, got)
						got[0] = "changed"
						require.NotPanics(t, func() { _ = append(got, "more") })
					}
					seen := map[string][]string{}
					for kv, err := range v.All(ctx) {
						require.NoError(t, err)
						require.NotContains(t, seen, kv.Key)
						seen[kv.Key] = kv.Value
					}
					require.Equal(t, all, seen)
					for range v.All(ctx) {
						break
					}
					d.Checkpoint()
					d.Kill()
					_, _, err = v.Get(ctx, "p1")
					require.ErrorIs(t, err, stream.ErrNotRunning)
					for _, err := range v.All(ctx) {
						require.ErrorIs(t, err, stream.ErrNotRunning)
					}
				}
			})
		}
	}
}

// Many ask while a run works, fails and begins again: what they are told grows but where a run begins anew, and nothing races.
func TestViewUnderLoad(t *testing.T) {
	var v stream.View[int, int64]
	p := stream.New("load")
	failed := false
	var asked [4]atomic.Int64
	p.From(source.Generate(200_000, func(i int64) int {
		for who := 0; i == 150_000 && who < len(asked); { // nobody is left without an answer
			if asked[who].Load() > 0 {
				who++
			}
			time.Sleep(time.Millisecond)
		}
		return int(i % 7)
	})).
		KeyBy(func(i int) int { return i }).
		Running(window.Count[int](), stream.Expose(&v)).
		Map(func(kv stream.KeyValue[int, int64]) int64 {
			if kv.Value == 9000 && kv.Key == 3 && !failed {
				failed = true
				panic("once")
			}
			return kv.Value
		}).To(sink.Discard[int64]())
	done := make(chan struct{})
	var all sync.WaitGroup
	for who := range asked {
		all.Go(func() {
			last, falls := int64(0), 0
			for {
				select {
				case <-done:
					return
				default:
				}
				n, known, err := v.Get(t.Context(), 3)
				switch {
				case errors.Is(err, stream.ErrNotRunning): // not yet, not any more, or between the two runs
				case err != nil:
					t.Error(err)
					return
				case known:
					if n < last { // where the run has begun again
						falls++
					}
					if falls > 1 {
						t.Errorf("%d behind %d, once more", n, last)
						return
					}
					last = n
					asked[who].Add(1)
				}
			}
		})
	}
	err := p.Run(t.Context(), stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), 20*time.Millisecond), stream.Restarts(3, 0))
	close(done)
	all.Wait()
	require.NoError(t, err)
	require.True(t, failed)
	for who := range asked {
		require.Positive(t, asked[who].Load())
	}
}

// Those who ask for all keys again and again, several at once, do not keep the stream from its work: between two parts of an answer it does some.
func TestViewLeavesTimeForWork(t *testing.T) {
	const keys, parts = 40_000, 10 // of some 4,096 keys
	var v stream.View[int, int64]
	var worked atomic.Int64
	p := stream.New("work")
	p.From(source.Generate(1<<40, func(i int64) int {
		worked.Store(i)
		return int(i % keys)
	})).
		KeyBy(func(i int) int { return i }).
		Running(window.Count[int](), stream.Expose(&v)).
		To(sink.Discard[stream.KeyValue[int, int64]]())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(1), stream.BatchSize(100)) }()
	for worked.Load() < 2*keys {
		require.Empty(t, ended)
		time.Sleep(time.Millisecond)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				before := worked.Load()
				for _, err := range v.All(ctx) {
					if err != nil {
						t.Error(err)
						return
					}
				}
				if n := worked.Load() - before; n < parts/2 { // every second Read may be interrupted, and the others give little where the machine is busy
					t.Errorf("%d events while all keys were read", n)
				}
			}
		})
	}
	all.Wait()
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// The shard that has a key answers once an event has passed it, whether or not all others have begun by then.
func TestViewWhileShardsBegin(t *testing.T) {
	for range 100 {
		var v stream.View[int, int64]
		passed, asked := make(chan struct{}, 1), make(chan struct{})
		p := stream.New("first")
		p.From(source.Generate(2, func(i int64) int {
			if i == 1 {
				<-asked
			}
			return 0
		})).
			KeyBy(func(i int) int { return i }).
			Running(window.Count[int](), stream.Expose(&v)).
			Map(func(kv stream.KeyValue[int, int64]) int64 {
				if kv.Value == 1 {
					passed <- struct{}{}
				}
				return kv.Value
			}).To(sink.Discard[int64]())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(t.Context(), stream.Shards(8), stream.BatchSize(1)) }()
		<-passed
		n, known, err := v.Get(t.Context(), 0)
		close(asked)
		require.NoError(t, err)
		require.True(t, known)
		require.EqualValues(t, 1, n)
		require.NoError(t, <-ended)
	}
}

// A shard that is held up answers nobody, and whoever asks goes by a context.
func TestViewOfAShardThatWaits(t *testing.T) {
	var v stream.View[int, int64]
	reached, goOn := make(chan struct{}), make(chan struct{})
	p := stream.New("waits")
	p.From(source.Slice([]int{1})).KeyBy(func(i int) int { return i }).Running(window.Count[int](), stream.Expose(&v)).
		Tap(func(stream.KeyValue[int, int64]) { close(reached); <-goOn }).To(sink.Discard[stream.KeyValue[int, int64]]())
	ended := make(chan error)
	go func() { ended <- p.Run(t.Context(), stream.Shards(1)) }() // another shard may not have begun when this one waits
	<-reached
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, _, err := v.Get(ctx, 1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(goOn)
	require.NoError(t, <-ended)
	_, _, err = v.Get(t.Context(), 1)
	require.ErrorIs(t, err, stream.ErrNotRunning)
}

// What cannot be copied, or panics, is an error for who asks; the run goes on.
func TestViewFailures(t *testing.T) {
	type odd struct{ F func() }
	var uncopied stream.View[string, odd]
	var panics stream.View[string, int]
	p := stream.New("odd")
	in := streamtest.NewInput[move]()
	moves := p.From(in).KeyBy(move.product)
	moves.Process(func(c *stream.KeyContext[string, odd, int], m move) error {
		c.State().F = func() {}
		return nil
	}, nil, stream.Expose(&uncopied)).To(sink.Discard[int]())
	out := streamtest.Collect(moves.Running(window.MapReduce(func(m move) int { return m.Pieces }, func(a, b int) int { return a + b }), stream.Name("sums")))
	moves.Running(sour{}, stream.Expose(&panics), stream.Name("sour"), stream.SkipFailures()).To(sink.Discard[stream.KeyValue[string, int]]())
	d := streamtest.Start(t, p)
	in.Push(move{"tea", 3})
	d.Settle()
	_, _, err := uncopied.Get(t.Context(), "tea")
	require.ErrorContains(t, err, "stream: process: view: ")
	require.ErrorContains(t, err, "func()")
	_, _, err = panics.Get(t.Context(), "tea")
	require.ErrorContains(t, err, "no result")
	for _, err := range panics.All(t.Context()) {
		require.ErrorContains(t, err, "stream: sour: view: ")
	}
	in.Push(move{"tea", 4})
	d.Settle()
	require.Equal(t, []stream.KeyValue[string, int]{{Key: "tea", Value: 3}, {Key: "tea", Value: 7}}, out.Take())
}

// sour has accumulators, and no results.
type sour struct{}

func (sour) New() int              { return 0 }
func (sour) Add(a int, m move) int { return a + m.Pieces }
func (sour) Merge(a, b int) int    { return a + b }
func (sour) Result(int) int        { panic("no result") }

// A View of other types, and one that is in use, are panics where the pipeline is built.
func TestViewRefused(t *testing.T) {
	keyed := func() stream.Keyed[string, move] {
		return stream.New("p").From(source.Slice([]move{})).KeyBy(move.product)
	}
	count := window.Count[move]()
	require.PanicsWithValue(t, "stream: Expose: the View is nil", func() { stream.Expose[string, int](nil) })
	require.PanicsWithValue(t, `stream: running "sums": Expose: the View is a stream.View[string,string], and the operator holds a int64 by string`,
		func() { keyed().Running(count, stream.Name("sums"), stream.Expose(new(stream.View[string, string]))) })
	var v stream.View[string, int64]
	k := keyed()
	k.Running(count, stream.Expose(&v))
	require.PanicsWithValue(t, `stream: running and running expose the same View`, func() { k.Running(count, stream.Expose(&v)) })
	message := fmt.Sprint(func() (r any) {
		defer func() { r = recover() }()
		keyed().Deduplicate(time.Hour, stream.Expose(&v))
		return nil
	}())
	require.True(t, strings.Contains(message, "Expose means nothing to it"), message)
}
