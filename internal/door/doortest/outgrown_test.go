package doortest_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// A halting source gives so many ticks of partitions, waits until there may be more, and fails in the end if it is told to.
type halting struct {
	stream.Source[tick]
	mu    sync.Mutex
	left  int
	err   error
	moved chan struct{}
}

func (h *halting) more(n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left, h.err = h.left+n, err
	close(h.moved)
	h.moved = make(chan struct{})
}

func (h *halting) Open(c *stream.SourceContext) ([]stream.Reader[tick], error) {
	readers, err := h.Source.Open(c)
	for i, r := range readers {
		readers[i] = haltingReader{r, h}
	}
	return readers, err
}

type haltingReader struct {
	stream.Reader[tick]
	h *halting
}

func (r haltingReader) Waits() bool { return true }

// Read gives one tick at a time, and its end by itself: one that has ended cannot be stopped.
func (r haltingReader) Read(ctx context.Context, b *stream.Intake[tick]) error {
	for {
		r.h.mu.Lock()
		left, err, moved := r.h.left, r.h.err, r.h.moved
		if left > 0 {
			r.h.left--
		}
		r.h.mu.Unlock()
		if err != nil {
			return err
		}
		if left > 0 {
			break
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	one := stream.NewIntake[tick](1)
	err := r.Reader.Read(ctx, one)
	for _, v := range one.Batch().All() {
		b.Append(v)
		if err == io.EOF {
			err = nil // it is said again
		}
	}
	return err
}

var errCrash = errors.New("the machine is gone")

// A run in one process that is stopped, or fails, goes on in another engine from its last checkpoint. A sink that commits has each row once, also where that one is killed and begins again, before it has
// a checkpoint of its own and after.
func TestOutgrown(t *testing.T) {
	t.Parallel()
	for _, x := range pipes {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(4) {
				rng := newRand(100 + seed)
				parts := ticks(rng, x.late && seed%2 == 1)
				want := sink.Collect[string]()
				p := stream.New("twin")
				x.rows(p, timed(p, parts)).To(want)
				require.NoError(t, p.Run(t.Context(), stream.Shards(1+rng.IntN(3))))

				all := 0
				for _, part := range parts {
					all += len(part)
				}
				shown, store := &ledger{}, checkpoint.Memory()
				synctest.Test(t, func(t *testing.T) {
					h := &halting{Source: source.Slice(parts...), left: all / 3, moved: make(chan struct{})}
					p := stream.New("twin")
					x.rows(p, p.From(h).EventTime(tick.time, stream.Disorder(5*time.Second))).To(shown)
					ctx, stop := context.WithCancel(context.Background())
					defer stop()
					ended := make(chan error, 1)
					shards := 1 + rng.IntN(3)
					go func() {
						ended <- p.Run(ctx, stream.Shards(shards), stream.Checkpoints(store, 24*time.Hour))
					}()
					synctest.Wait()
					_, err := p.Savepoint(ctx, "a third")
					require.NoError(t, err)
					h.more(all/3, nil)
					synctest.Wait()
					if seed < 2 {
						stop()
						require.ErrorIs(t, <-ended, context.Canceled)
						return
					}
					h.more(0, errCrash)
					require.ErrorIs(t, <-ended, errCrash)
				})
				build := func() any {
					p := stream.New("twin")
					x.rows(p, timed(p, parts)).To(shown)
					return p
				}
				doortest.DisturbFrom(t, build, door.From{Store: store}, rng)
				require.Equal(t, sorted(want.Values()), sorted(shown.rows), "seed %d", seed)

				_, err := doortest.Start(t.Context(), build, doortest.Options{Config: door.Config{Shards: 2, Batch: 1, Checkpoints: true, From: door.From{Store: store}}})
				require.ErrorContains(t, err, "the results of checkpoint", "what came behind the checkpoint has been shown meanwhile")
			}
		})
	}
}

// What cannot be gone on from is said.
func TestOutgrownRefused(t *testing.T) {
	build := func(name, operator string) any {
		p := stream.New(name)
		p.From(source.Slice([]tick{{ID: 1, Key: 1}})).KeyBy(tick.key).Running(window.Sum(tick.val), stream.Name(operator)).To(sink.Discard[stream.KeyValue[int, int]]())
		return p
	}
	store := checkpoint.Memory()
	start := func(name, operator, savepoint string) error {
		_, err := doortest.Start(t.Context(), func() any { return build(name, operator) }, doortest.Options{
			Config: door.Config{Shards: 1, Batch: 1, Checkpoints: true, From: door.From{Store: store, Savepoint: savepoint}},
		})
		return err
	}
	require.ErrorContains(t, start("a", "sums", ""), `find the checkpoint to go on from: there is none of pipeline "a"`)
	require.NoError(t, build("a", "sums").(*stream.Pipeline).Run(t.Context(), stream.Checkpoints(store, time.Hour)))
	require.ErrorIs(t, start("b", "sums", ""), checkpoint.ErrOtherPipeline)
	require.ErrorIs(t, start("a", "sums", "monday"), checkpoint.ErrNoSavepoint)
	require.ErrorContains(t, start("a", "totals", ""), "holds state of sums, which pipeline \"a\" does not have")

	unlock, err := store.Lock()
	require.NoError(t, err)
	require.ErrorIs(t, start("a", "sums", ""), checkpoint.ErrLocked)
	require.NoError(t, unlock())

	plan, err := door.Describe(t.Context(), build("a", "sums"), door.Config{Shards: 1, Batch: 1, Checkpoints: true, From: door.From{Store: store}})
	require.NoError(t, err)
	require.Positive(t, plan.From)
	open := func(from checkpoint.Store) error {
		inst, err := door.Open(build("a", "sums"), door.Opening{Plan: plan, Stage: plan.Stages[1].ID, Output: nowhere{}, Store: from})
		if err == nil {
			require.NoError(t, inst.Close())
		}
		return err
	}
	require.NoError(t, open(store))
	require.ErrorContains(t, open(nil), "was not told of the store")
	require.ErrorContains(t, open(checkpoint.Memory()), "has to be reached from here, too: checkpoint")
}
