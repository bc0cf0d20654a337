package recovery_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

func steady() *faults { return &faults{rng: rand.New(rand.NewPCG(1, 1)), hit: map[string]int{}} }

// numbered gives n events into a ledger.
func numbered(n int, l *ledger, f *faults) *stream.Pipeline {
	p := stream.New("numbers")
	p.From(source.Generate(int64(n), func(i int64) string { return string(rune('a' + i)) })).To(ledgerSink{l, f})
	return p
}

// A sink that is away for a minute does not end the process.
func TestOutageOfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := steady()
		f.until = time.Now().Add(time.Minute)
		l := &ledger{}
		p := numbered(20, l, f)
		start := time.Now()
		require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(10, time.Second)))
		require.Len(t, l.rows, 20)
		require.GreaterOrEqual(t, time.Since(start), time.Minute)
		require.Less(t, time.Since(start), 3*time.Minute)
		require.Greater(t, f.hit["open committer"], 4)
	})
}

// Restarts are bounded: the error is that of the last one.
func TestRestartsAreUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := steady()
		f.until = time.Now().Add(time.Hour)
		p := numbered(20, &ledger{}, f)
		err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(4, time.Second))
		require.ErrorIs(t, err, errFault)
		require.Equal(t, 5, f.hit["open committer"])
	})
}

// Who stops a run that waits to begin again need not wait for it.
func TestStopBetweenRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := steady()
		f.until = time.Now().Add(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := numbered(20, &ledger{}, f).Run(ctx, stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(100, time.Minute))
		require.ErrorIs(t, err, errFault)
		require.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestRestartsNeedCheckpoints(t *testing.T) {
	err := numbered(1, &ledger{}, steady()).Run(t.Context(), stream.Restarts(3, time.Second))
	require.ErrorContains(t, err, `pipeline "numbers" is run with Restarts, but without Checkpoints`)
}

// A checkpoint that does not come about in time is given up and counted, and
// what sinks had prepared for it comes with the next one.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := &ledger{}, steady()
		p := stream.New("slow")
		slow := func(_ context.Context, s string) (string, error) {
			if s == "f" {
				time.Sleep(20 * time.Second) // of the bubble
			}
			return s, nil
		}
		p.From(source.Generate(20, func(i int64) string { return string(rune('a' + i)) }, source.Rate(10))).
			Enrich(slow).Rebalance().To(ledgerSink{l, f})
		require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.BatchSize(1),
			stream.Checkpoints(checkpoint.Memory(), 300*time.Millisecond), stream.CheckpointTimeout(3*time.Second)))
		require.Len(t, l.rows, 20)
		stats := p.Stats().Checkpoints
		require.Greater(t, stats.Failed, int64(3))
		require.Greater(t, stats.Made, int64(2))
	})
}

// A slowAcknowledger is a source that takes a second to acknowledge, and fails
// while it does.
type slowAcknowledger struct {
	t            *testing.T
	acknowledges atomic.Bool
	closed       bool
}

func (s *slowAcknowledger) Open(*stream.SourceContext) ([]stream.Reader[string], error) {
	return []stream.Reader[string]{s}, nil
}

func (s *slowAcknowledger) Partition() string { return "only" }
func (s *slowAcknowledger) Offset() string    { return "" }
func (s *slowAcknowledger) Waits() bool       { return true }

func (s *slowAcknowledger) Read(_ context.Context, b *stream.Intake[string]) error {
	time.Sleep(100 * time.Millisecond) // of the bubble
	if s.acknowledges.Load() {
		return errFault
	}
	b.Append("a")
	return nil
}

func (s *slowAcknowledger) Commit(context.Context, string) error {
	s.acknowledges.Store(true)
	defer s.acknowledges.Store(false)
	time.Sleep(time.Second)
	return nil
}

func (s *slowAcknowledger) Close() error {
	require.False(s.t, s.acknowledges.Load())
	s.closed = true
	return nil
}

// A reader is not closed while it acknowledges, also when the run is cut off.
func TestCutOffWhileAcknowledging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowAcknowledger{t: t}
		p := stream.New("slow")
		p.From(s).To(sink.Discard[string]())
		require.ErrorIs(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), 300*time.Millisecond)), errFault)
		require.True(t, s.closed)
	})
}

// A savepoint is kept while checkpoints come and go, and a run can begin with it.
func TestSavepoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := checkpoint.Memory()
		numbers := func(out *sink.Collector[int64]) *stream.Pipeline {
			p := stream.New("numbers")
			p.From(source.Generate(100, func(i int64) int64 { return i }, source.Rate(10))).To(out)
			return p
		}
		first := sink.Collect[int64]()
		p := numbers(first)
		_, err := p.Savepoint(t.Context(), "early")
		require.ErrorIs(t, err, stream.ErrNoRun)
		done := make(chan error, 1)
		go func() {
			done <- p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(store, 500*time.Millisecond, checkpoint.Keep(2)))
		}()
		time.Sleep(3 * time.Second) // of the bubble
		id, err := p.Savepoint(t.Context(), "before the sale")
		require.NoError(t, err)
		before := len(first.Values())
		require.NoError(t, <-done)
		require.Greater(t, before, 10)
		require.Less(t, before, 90)
		_, err = p.Savepoint(t.Context(), "late")
		require.ErrorIs(t, err, stream.ErrNoRun)

		all, err := checkpoint.Inspect(store)
		require.NoError(t, err)
		require.Len(t, all, 3)
		require.Equal(t, id, all[2].ID)
		require.Equal(t, "before the sale", all[2].Savepoint)

		second := sink.Collect[int64]()
		require.NoError(t, numbers(second).Run(t.Context(), stream.Checkpoints(store, time.Second), stream.FromSavepoint("before the sale")))
		require.Len(t, second.Values(), 100-before)
		require.Equal(t, int64(before), second.Values()[0])

		err = numbers(second).Run(t.Context(), stream.Checkpoints(store, time.Second), stream.FromSavepoint("none"))
		require.ErrorContains(t, err, `no savepoint "none"`)
	})
}

// A run that would show again what a sink has shown is refused.
func TestRewind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		require.NoError(t, numbered(5, l, steady()).Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second)))
		err := numbered(5, l, steady()).Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(9, time.Second))
		var rewind *stream.RewindError
		require.True(t, errors.As(err, &rewind), "%v", err)
		require.Len(t, l.rows, 5)
	})
}

// A run that one sink refuses has changed nothing in another: what that has
// prepared is there for a run that begins with the newest checkpoint.
func TestRefusedRunChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dir, store := &ledger{}, t.TempDir(), checkpoint.Memory()
		letters := func() *stream.Pipeline {
			p := stream.New("letters")
			all := p.From(source.Generate(20, func(i int64) string { return string(rune('a' + i)) }, source.Rate(10)))
			all.To(sink.Files(dir, "*.txt", codec.Lines()))
			all.To(ledgerSink{l, steady()})
			return p
		}
		saving := stream.Checkpoints(store, 200*time.Millisecond)
		p := letters()
		ctx, stop := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer stop()
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx, stream.Shards(1), saving) }()
		time.Sleep(500 * time.Millisecond)
		_, err := p.Savepoint(t.Context(), "early")
		require.NoError(t, err)
		require.ErrorIs(t, <-done, context.DeadlineExceeded)

		p = letters()
		var rewind *stream.RewindError
		require.ErrorAs(t, p.Run(t.Context(), stream.Shards(1), saving, stream.FromSavepoint("early")), &rewind)
		_, err = p.Savepoint(t.Context(), "behind a run that did not begin")
		require.ErrorIs(t, err, stream.ErrNoRun)

		require.NoError(t, letters().Run(t.Context(), stream.Shards(1), saving))
		require.Equal(t, strings.Split("abcdefghijklmnopqrst", ""), l.sorted())
		files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		require.NoError(t, err)
		var rows []string
		for _, f := range files {
			data, err := os.ReadFile(f)
			require.NoError(t, err)
			rows = append(rows, strings.Fields(string(data))...)
		}
		require.Equal(t, l.sorted(), slices.Sorted(slices.Values(rows)))
	})
}

// scattered puts state by key, though its input has none.
type scattered struct{}

func (scattered) Process(in *stream.Batch[int64], out *stream.Emitter[int64]) error { return nil }
func (scattered) Restore(*stream.StateReader) error                                 { return nil }
func (scattered) Save(w *stream.StateWriter) error {
	return w.PutKeyed("all", maps.All(map[int]int{1: 2}))
}

// Two instances could have the same key, and one state would be lost.
func TestPutKeyedNeedsKey(t *testing.T) {
	p := stream.New("scattered")
	p.From(source.Generate(10, func(i int64) int64 { return i })).
		Apply(func(*stream.OperatorContext) (stream.Processor[int64, int64], error) { return scattered{}, nil }).
		To(sink.Discard[int64]())
	err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second))
	require.ErrorContains(t, err, "PutKeyed in an operator whose input has no key")
}

// A restart in place goes on from the last checkpoint, not from the savepoint
// that the run began with.
func TestRestartGoesOnBehindSavepoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, failures := checkpoint.Memory(), 0
		numbers := func(out *sink.Collector[int64]) *stream.Pipeline {
			p := stream.New("numbers")
			p.From(source.Generate(40, func(i int64) int64 { return i }, source.Rate(10))).
				Map(func(i int64) int64 {
					if i == 30 && failures < 2 {
						failures++
						panic("thirty")
					}
					return i
				}).
				To(out)
			return p
		}
		saving := stream.Checkpoints(store, 200*time.Millisecond)
		p := numbers(sink.Collect[int64]())
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx, stream.Shards(1), saving) }()
		time.Sleep(500 * time.Millisecond)
		_, err := p.Savepoint(t.Context(), "early")
		require.NoError(t, err)
		require.ErrorIs(t, <-done, context.DeadlineExceeded)

		out := sink.Collect[int64]()
		require.NoError(t, numbers(out).Run(t.Context(), stream.Shards(1), saving, stream.FromSavepoint("early"), stream.Restarts(3, 10*time.Millisecond)))
		require.Equal(t, 2, failures)
		times := map[int64]int{}
		for _, v := range out.Values() {
			times[v]++
		}
		require.Zero(t, times[1], "before the savepoint")
		require.Equal(t, 1, times[10], "shown long before the failure")
		require.Equal(t, 1, times[39])
	})
}

// Two checkpoints that could not be read for a moment, and hold the same
// events, are not shown one after the other: the runs that passed them over
// have ruled them out.
func TestPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f, store := &ledger{}, steady(), checkpoint.Memory()
		life := func(unreadable string, crash bool) error {
			p := stream.New("numbers")
			p.From(source.Generate(20, func(i int64) string { return string(rune('a' + i)) }, source.Rate(10))).
				Map(func(s string) string {
					if crash {
						panic("crash")
					}
					return s
				}).
				To(ledgerSink{l, f})
			return p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(unreadableStore{store, unreadable}, 500*time.Millisecond))
		}
		// The third checkpoint is durable, and not shown.
		time.AfterFunc(1200*time.Millisecond, func() { f.always("before commit") })
		require.ErrorIs(t, life("", false), errFault)
		shown := len(l.rows)
		require.NotZero(t, shown)
		// And so is the fourth, of a run that began with the second.
		f.always("")
		time.AfterFunc(100*time.Millisecond, func() { f.always("before commit") })
		require.ErrorIs(t, life("manifest-000000000003", false), errFault)
		require.Len(t, l.rows, shown)
		// One that cannot read the fourth is not to begin with the third.
		f.always("")
		require.ErrorContains(t, life("manifest-000000000004", true), "crash")
		require.NoError(t, life("", false))
		require.Equal(t, strings.Split("abcdefghijklmnopqrst", ""), l.sorted())
	})
}

// unreadableStore has a file that cannot be read.
type unreadableStore struct {
	checkpoint.Store
	name string
}

func (s unreadableStore) Read(name string) ([]byte, error) {
	if name == s.name {
		return nil, errFault
	}
	return s.Store.Read(name)
}
