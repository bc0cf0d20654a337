package oracles_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/onflink"
	"github.com/freshet-go/freshet/internal/record"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A plan builds the pipeline of a case, anew for each run.
type plan[R any] func(pipeline) stream.Stream[R]

// A packed is a plan whose results are records of the binary format: so sinks, runs and engines are compiled once, and not for each type of result.
type packed func(pipeline) stream.Stream[string]

// A pipeline is one whose sources keep to a quota.
type pipeline struct {
	*stream.Pipeline
	quota *quota
}

// From adds a source.
func (p pipeline) From[T any](src stream.Source[T], opts ...stream.Option) stream.Stream[T] {
	return p.Pipeline.From(metered[T]{src, p.quota}, opts...)
}

// A result is what a plan has given, in one run or in two.
type result[R any] struct {
	events []stream.Event[R]
	counts
}

type counts struct {
	dropped int64 // events, by operators
	read    int   // events, from sources

	uncounted bool // neither of these two is known
}

// rows returns the values of the events.
func (r result[R]) rows() (values []R) {
	for _, e := range r.events {
		values = append(values, e.Value)
	}
	return values
}

// Records are a result that is packed.
type records struct {
	events []stream.Event[string]
	counts
}

func (r records) and(next records) records {
	return records{slices.Concat(r.events, next.events), counts{dropped: r.dropped + next.dropped, read: r.read + next.read}}
}

// pack returns the plan with its results packed, and what unpacks them.
func (build plan[R]) pack(t *testing.T) (packed, func(records) result[R]) {
	format, err := record.PlanOf(reflect.TypeFor[R]())
	require.NoError(t, err)
	encoders := sync.Pool{New: func() any { return new(format.NewEncoder()) }}
	pack := func(v R) string { return packedBy(&encoders, unsafe.Pointer(&v)) }
	unpack := func(r records) result[R] {
		events := make([]stream.Event[R], len(r.events))
		decoder := format.NewDecoder()
		for i, e := range r.events {
			events[i].Time = e.Time
			unpackBy(t, &decoder, e.Value, unsafe.Pointer(&events[i].Value))
		}
		return result[R]{events, r.counts}
	}
	return func(p pipeline) stream.Stream[string] { return build(p).Map(pack) }, unpack
}

func packedBy(encoders *sync.Pool, v unsafe.Pointer) string {
	e := encoders.Get().(*record.Encoder)
	defer encoders.Put(e)
	b, err := e.Append(nil, v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func unpackBy(t *testing.T, decoder *record.Decoder, text string, v unsafe.Pointer) {
	_, b, err := record.Split([]byte(text), true)
	require.NoError(t, err)
	require.NoError(t, decoder.Decode(b, v))
}

// An ending is how a run ends that another one goes on from.
type ending string

const (
	stopped ending = "stopped" // it takes a last checkpoint
	killed  ending = "killed"  // what it has done since its last one is lost
)

// allWays names the ways for the log.
const allWays = "whole on 1, 2 and 3 shards, stopped and killed on 2 with 3 checkpoints and restored on 3, and both by another engine, and in batch by it"

// ways yields what a plan gives in every way to run it: whole on one, two and
// three shards, and on two shards with three checkpoints, ended there, and
// restored on three, by us and by another engine, and in batch, and on a cluster of Flink if it is its turn. The results have to be the same.
func (build plan[R]) ways(t *testing.T, name string, opts ...stream.RunOption) iter.Seq2[string, result[R]] {
	all, unpack := build.pack(t)
	return func(yield func(string, result[R]) bool) {
		for way, r := range all.ways(t, name, opts...) {
			if !yield(way, unpack(r)) {
				return
			}
		}
	}
}

func (build packed) ways(t *testing.T, name string, opts ...stream.RunOption) iter.Seq2[string, records] {
	return func(yield func(string, records) bool) {
		for way, r := range build.onFlink(t, name) {
			if !yield(way, r) {
				return
			}
		}
		if onflink.InWorker() { // of a plan that comes later
			return
		}
		events := 0
		for _, shards := range []int{1, 2, 3} {
			r := build.whole(t, name, with(opts, stream.Shards(shards))...)
			if events = r.read; !yield(fmt.Sprintf("whole on %d shards", shards), r) {
				return
			}
		}
		for _, end := range []ending{stopped, killed} {
			if !yield(fmt.Sprintf("%s on 2 shards and restored on 3", end), build.restored(t, name, events, end, opts...)) {
				return
			}
		}
		for shards, batch := range map[int]int{1: 512, 2: 1, 3: 7} {
			if !yield(fmt.Sprintf("by another engine on %d shards", shards), build.elsewhere(t, name, shards, batch)) {
				return
			}
		}
		if r, ok := build.inBatch(t, name, 2, 5); ok && !yield("in batch by another engine on 2 shards", r) {
			return
		}
		yield("killed in another engine on 2 shards and restored on 3", build.elsewhereRestored(t, name, events))
	}
}

func with(opts []stream.RunOption, more ...stream.RunOption) []stream.RunOption {
	return slices.Concat(opts, more)
}

// whole runs a plan undisturbed. In the bubble, time passes only when
// everything waits: a run that hangs ends at once, with an error.
func (build packed) whole(t *testing.T, name string, opts ...stream.RunOption) (all records) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := build.start(t, name, unlimited, opts...)
		require.NoError(t, <-r.ended, name)
		all = r.soFar()
	})
	return all
}

// restored runs a plan of so many events on two shards, with a checkpoint
// after each of the first three quarters, ends the run in the fourth, and runs
// the plan anew on three shards from what was saved.
func (build packed) restored(t *testing.T, name string, events int, end ending, opts ...stream.RunOption) (all records) {
	t.Helper()
	store := checkpoint.Memory()
	synctest.Test(t, func(t *testing.T) {
		r := build.start(t, name, 0, with(opts, stream.Shards(2), stream.Checkpoints(store, 24*time.Hour))...)
		for quarter := range 3 {
			r.runTo(part(events, 2*quarter+2))
			_, err := r.Savepoint(r.ctx, fmt.Sprint("quarter ", quarter))
			require.NoError(t, err, name)
		}
		saved := r.soFar()
		require.Equal(t, part(events, 6), saved.read, name)
		r.runTo(part(events, 7))
		if end == killed {
			r.quota.fail(errKilled)
			require.ErrorIs(t, <-r.ended, errKilled, name)
		} else {
			r.stop()
			require.ErrorIs(t, <-r.ended, context.Canceled, name)
			saved = r.soFar()
			require.Equal(t, part(events, 7), saved.read, name)
		}

		r = build.start(t, name, unlimited, with(opts, stream.Shards(3), stream.Checkpoints(store, 24*time.Hour))...)
		require.NoError(t, <-r.ended, name)
		all = saved.and(r.soFar())
		require.Equal(t, events, all.read, "%s: nothing is read twice or not at all", name)
	})
	return all
}

var errKilled = errors.New("killed")

// part returns how many of so many events are some eighths of them: all where
// there are too few to divide.
func part(events, eighths int) int { return (events*eighths + 7) / 8 }

// A running is a plan that runs, in the bubble of a test.
type running struct {
	pipeline
	out   *sink.Collector[string]
	ctx   context.Context
	stop  context.CancelFunc
	ended chan error
}

func (build packed) start(t *testing.T, name string, limit int, opts ...stream.RunOption) running {
	r := running{pipeline: pipeline{stream.New(name), newQuota(limit)}, out: sink.Collect[string](), ended: make(chan error, 1)}
	build(r.pipeline).To(r.out)
	r.ctx, r.stop = context.WithTimeout(context.Background(), time.Hour)
	t.Cleanup(r.stop)
	go func() { r.ended <- r.Run(r.ctx, opts...) }()
	return r
}

// runTo lets the sources give so many events in all, and waits until nothing
// is left to do for them.
func (r running) runTo(events int) {
	r.quota.raise(events)
	synctest.Wait()
}

func (r running) soFar() records {
	return records{r.out.Events(), counts{dropped: droppedBy(r.Pipeline), read: r.quota.soFar()}}
}
