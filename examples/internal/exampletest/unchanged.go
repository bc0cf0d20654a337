package exampletest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A Replay is one way to run a pipeline on the same events.
type Replay struct {
	name    string
	batch   int
	shards  int
	seed    uint64 // of the order of arrival; 0 leaves it
	trickle bool   // events come one at a time, instead of all at once
}

// Options returns how to run the pipeline.
func (r Replay) Options() []stream.RunOption {
	return []stream.RunOption{stream.BatchSize(r.batch), stream.Shards(r.shards)}
}

// Source returns a source of the parts, each a partition. Where the replay
// shuffles, an event moves behind others only if they are less than within
// later: who reads the source has to allow for so much more disorder.
func (r Replay) Source[T any](at func(T) time.Time, within time.Duration, parts ...[]T) stream.Source[T] {
	if r.seed != 0 {
		random := rand.New(rand.NewPCG(r.seed, 0))
		parts = slices.Clone(parts)
		for i, part := range parts {
			parts[i] = shuffled(random, part, at, within)
		}
	}
	if r.trickle {
		return trickle[T](parts)
	}
	return source.Slice(parts...)
}

// shuffled returns the events by a time of arrival: the latest event time so
// far and a random delay.
func shuffled[T any](random *rand.Rand, part []T, at func(T) time.Time, within time.Duration) []T {
	type arrival struct {
		v    T
		when time.Time
	}
	var all []arrival
	var latest time.Time
	for _, v := range part {
		if t := at(v); t.After(latest) {
			latest = t
		}
		all = append(all, arrival{v, latest.Add(time.Duration(random.Int64N(int64(within))))})
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return a.when.Compare(b.when) })
	moved := make([]T, len(all))
	for i, a := range all {
		moved[i] = a.v
	}
	return moved
}

// Unchanged runs a pipeline in all ways that must not change its result:
// batches of several sizes, numbers of shards, orders of arrival, and speeds
// at which the events come. What run returns has to be the same each time.
func Unchanged(t *testing.T, run func(ctx context.Context, r Replay) string) {
	t.Helper()
	want := run(context.Background(), Replay{batch: 512, shards: 1})
	if want == "" {
		t.Fatal("no result")
	}
	var replays []Replay
	for _, batch := range []int{1, 7, 512} {
		for _, shards := range []int{1, 2, 3} {
			replays = append(replays, Replay{name: fmt.Sprintf("batch=%d/shards=%d", batch, shards), batch: batch, shards: shards})
		}
	}
	for seed := range uint64(5) {
		replays = append(replays, Replay{name: fmt.Sprintf("order=%d", seed+1), batch: 64, shards: 1 + int(seed%3), seed: seed + 1})
	}
	for _, shards := range []int{1, 3} {
		replays = append(replays, Replay{name: fmt.Sprintf("trickle/shards=%d", shards), batch: 512, shards: shards, trickle: true})
	}
	for _, r := range replays {
		t.Run(r.name, func(t *testing.T) {
			compare := func(t *testing.T) {
				if got := run(context.Background(), r); got != want {
					t.Errorf("the result has changed\n%s", Diff(want, got))
				}
			}
			if r.trickle {
				synctest.Test(t, compare) // its clock makes the waiting short
				return
			}
			compare(t)
		})
	}
}

// trickle is a source of slices that gives one event at a time, and lets time
// pass before each.
type trickle[T any] [][]T

func (s trickle[T]) Open(*stream.SourceContext) ([]stream.Reader[T], error) {
	var readers []stream.Reader[T]
	for i, part := range s {
		// Partitions come at different speeds: the fast ones get far ahead.
		readers = append(readers, &trickleReader[T]{index: i, rest: part, pause: time.Duration(i+1) * time.Second})
	}
	return readers, nil
}

type trickleReader[T any] struct {
	index int
	rest  []T
	pause time.Duration
}

func (r *trickleReader[T]) Partition() string { return fmt.Sprint("trickle ", r.index) }
func (r *trickleReader[T]) Offset() string    { return "" }
func (r *trickleReader[T]) Close() error      { return nil }
func (r *trickleReader[T]) Waits() bool       { return true }

func (r *trickleReader[T]) Read(ctx context.Context, b *stream.Intake[T]) error {
	if len(r.rest) == 0 {
		return io.EOF
	}
	select {
	case <-time.After(r.pause):
	case <-ctx.Done():
		return ctx.Err()
	}
	b.Append(r.rest[0])
	r.rest = r.rest[1:]
	return nil
}
