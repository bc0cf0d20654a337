package lifecycle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A notebook is an Observer that writes down what it is told: what began inside of what, and
// how it ended.
type notebook struct {
	mu    sync.Mutex
	open  map[string]int // by name: how many have begun and not ended
	lines []string
	ended []stream.Activity
}

type insideKey struct{}

func named(a stream.Activity) string {
	name := a.Kind.String()
	if a.Operator != "" {
		name += " " + a.Operator
	}
	return name
}

func inside(ctx context.Context) string {
	in, _ := ctx.Value(insideKey{}).(string)
	return in
}

func (n *notebook) Begin(ctx context.Context, a stream.Activity) context.Context {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open == nil {
		n.open = map[string]int{}
	}
	n.open[named(a)]++
	n.lines = append(n.lines, named(a)+" in "+inside(ctx))
	return context.WithValue(ctx, insideKey{}, named(a))
}

func (n *notebook) End(ctx context.Context, a stream.Activity, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open[named(a)]--
	line := named(a) + " ended"
	if err != nil {
		line += ": " + err.Error()
	}
	if inside(ctx) != named(a) {
		line += ", with the context of " + inside(ctx)
	}
	n.lines = append(n.lines, line)
	n.ended = append(n.ended, a)
}

func (n *notebook) of(kind stream.ActivityKind) (all []stream.Activity) {
	for _, a := range n.ended {
		if a.Kind == kind {
			all = append(all, a)
		}
	}
	return all
}

func (n *notebook) count(line string) (count int) {
	for _, l := range n.lines {
		if l == line {
			count++
		}
	}
	return count
}

// A shownSink is transactional, and notes the contexts of its calls.
type shownSink struct {
	mu    sync.Mutex
	in    []string
	last  int64
	fails int // commits that are still to fail
}

func (s *shownSink) Open(*stream.SinkContext) (stream.Writer[int64], error) {
	return shownWriter{s}, nil
}
func (s *shownSink) OpenCommitter(*stream.SinkContext) (stream.Committer, error) {
	return shownCommitter{s}, nil
}

func (s *shownSink) note(ctx context.Context, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in = append(s.in, what+" in "+inside(ctx))
}

type shownWriter struct{ s *shownSink }

func (w shownWriter) Write(ctx context.Context, _ *stream.Batch[int64]) error {
	w.s.note(ctx, "Write")
	return nil
}
func (w shownWriter) Flush(context.Context) error             { return nil }
func (w shownWriter) Prepare(context.Context) ([]byte, error) { return []byte("x"), nil }
func (w shownWriter) Close() error                            { return nil }

type shownCommitter struct{ s *shownSink }

func (c shownCommitter) Commit(ctx context.Context, id int64, _ [][]byte) error {
	c.s.note(ctx, "Commit")
	if c.s.fails > 0 {
		c.s.fails--
		return errors.New("away")
	}
	c.s.last = id
	return nil
}
func (c shownCommitter) Committed(context.Context) (int64, error) { return c.s.last, nil }
func (c shownCommitter) Abort(context.Context, int64) error       { return nil }
func (c shownCommitter) Close() error                             { return nil }

// What a run does is told in order: checkpoints inside of the run, commits inside of
// checkpoints, a restart between; and each that begins ends.
func TestObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notes notebook
		var log bytes.Buffer
		shown := &shownSink{fails: 1}
		p := stream.New("observed")
		p.From(source.Generate(40, func(i int64) int64 { return i }, source.Rate(10))).To(shown, stream.Name("shown"))
		err := p.Run(t.Context(), stream.Observe(&notes), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(1, time.Minute),
			stream.Logger(slog.New(insideLog{slog.NewTextHandler(&log, nil)})))
		require.NoError(t, err)

		require.Equal(t, []string{
			"run in ", "restore in run", "restore ended", "checkpoint in run", "commit shown in checkpoint",
			"commit shown ended: away", "checkpoint ended: stream: shown: commit checkpoint 1: away",
			"restart in run", "restart ended", "restore in run", "commit shown in run", "commit shown ended", "restore ended",
		}, notes.lines[:13])
		restored := notes.of(stream.RestoreActivity)
		require.Equal(t, [2]int64{0, 1}, [2]int64{restored[0].Checkpoint, restored[1].Checkpoint})
		require.Equal(t, "run ended", notes.lines[len(notes.lines)-1])
		for name, open := range notes.open {
			require.Zero(t, open, name)
		}
		for _, line := range shown.in {
			require.Contains(t, []string{"Write in run", "Commit in commit shown"}, line)
		}
		restart := notes.of(stream.RestartActivity)[0]
		require.Equal(t, [2]int{1, 1}, [2]int{restart.Restart, restart.Most})
		require.InDelta(t, time.Minute, restart.Wait, float64(12*time.Second))
		require.ErrorContains(t, restart.Cause, "away")
		checkpoints := notes.of(stream.CheckpointActivity)
		require.Greater(t, len(checkpoints), 3)
		require.Equal(t, int64(2), checkpoints[1].Checkpoint)
		require.Equal(t, "observed", checkpoints[1].Pipeline)
		require.Empty(t, notes.of(stream.BatchActivity), "nobody asked for them")
		require.Contains(t, log.String(), `"the run has failed and begins again from its last checkpoint" pipeline=observed restart=1 of=1`)
		for line := range strings.Lines(log.String()) {
			require.Regexp(t, ` in=(run|restart|checkpoint)\n$`, line)
		}
		s := p.Stats()
		require.Equal(t, int64(1), s.Restarts)
		require.False(t, s.Running)
		require.Equal(t, time.Second, s.Checkpoints.Every)
		require.Equal(t, s.Checkpoints.Made, s.Checkpoints.Durations.Count())
	})
}

// insideLog adds to each record the activity of its context.
type insideLog struct{ slog.Handler }

func (h insideLog) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("in", inside(ctx)))
	return h.Handler.Handle(ctx, r)
}
func (h insideLog) WithAttrs(a []slog.Attr) slog.Handler { return insideLog{h.Handler.WithAttrs(a)} }
func (h insideLog) WithGroup(g string) slog.Handler      { return insideLog{h.Handler.WithGroup(g)} }

// A batch that is followed is told of at its source, in the stages behind exchanges and
// at sinks, and its events say of which trace they are.
func TestFollowed(t *testing.T) {
	for _, shards := range []int{1, 3} {
		t.Run(fmt.Sprint(shards, " shards"), func(t *testing.T) {
			var notes notebook
			shown := &shownSink{}
			p := stream.New("followed")
			parent := func(i int64) string {
				if i%16 == 5 {
					return ""
				}
				return fmt.Sprint("parent ", i/2)
			}
			p.From(source.Generate(64, func(i int64) int64 { return i }), stream.TraceParent(parent)).
				KeyBy(func(i int64) int64 { return i }).
				Process(func(c *stream.KeyContext[int64, int64, int64], i int64) error {
					c.Emit(i)
					return nil
				}, nil, stream.Name("process")).
				To(shown, stream.Name("shown"))
			require.NoError(t, p.Run(t.Context(), stream.Observe(&notes), stream.SampleBatches(0), stream.BatchSize(16), stream.Shards(shards)))
			batches := notes.of(stream.BatchActivity)
			require.Len(t, batches, 4)
			for i, b := range batches {
				require.Equal(t, "source", b.Operator)
				require.Equal(t, 16, b.Events)
				require.Len(t, b.Parents, 8)
				require.Equal(t, fmt.Sprint("parent ", 8*i), b.Parents[0])
				require.Contains(t, b.Position, fmt.Sprint(16*i))
			}
			stages := notes.of(stream.StageActivity)
			if shards == 1 {
				require.Empty(t, stages, "there is one stage")
				require.Len(t, notes.of(stream.WriteActivity), 4)
			} else {
				require.NotEmpty(t, stages)
				for _, s := range stages {
					require.Equal(t, "process", s.Operator)
				}
			}
			require.NotZero(t, notes.count("write shown in batch source"))
			require.Contains(t, shown.in, "Write in write shown")
		})
	}
}

// One batch in a time is followed, and never more.
func TestSampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notes notebook
		p := stream.New("sampled")
		p.From(source.Generate(101, func(i int64) int64 { return i }, source.Rate(10))).To(sink.Discard[int64]())
		require.NoError(t, p.Run(t.Context(), stream.Observe(&notes), stream.SampleBatches(time.Second)))
		require.InDelta(t, 10, len(notes.of(stream.BatchActivity)), 1) // in 10 seconds
	})
}

// An observer that panics, or ends its goroutine, is told nothing more, and the run goes on. Others
// are told all. Nil for a context is the one that there was.
func TestObserversThatFail(t *testing.T) {
	var log bytes.Buffer
	var notes notebook
	p := stream.New("observed")
	got := sink.Collect[int64]()
	p.From(source.Generate(3, func(i int64) int64 { return i })).To(got)
	require.NoError(t, p.Run(t.Context(), stream.Observe(broken{}), stream.Observe(&notes), stream.Observe(silentObserver{}),
		stream.SampleBatches(0), stream.BatchSize(1), stream.Shards(1), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
	require.Equal(t, []int64{0, 1, 2}, got.Values())
	require.Equal(t, 1, strings.Count(log.String(), "an observer has failed and is told nothing more"))
	require.Equal(t, 3, notes.count("batch source ended"))
	require.Equal(t, 3, notes.count("write sink in batch source"))
	require.True(t, slices.Contains(notes.lines, "run ended"))
}

type broken struct{}

func (broken) Begin(context.Context, stream.Activity) context.Context { panic("oh") }
func (broken) End(context.Context, stream.Activity, error)            { panic("no") }

type silentObserver struct{}

func (silentObserver) Begin(context.Context, stream.Activity) context.Context { return nil }
func (silentObserver) End(context.Context, stream.Activity, error)            {}

// TraceParent that fails is a failure of its source, and one of another type is refused.
func TestTraceParentThatFails(t *testing.T) {
	p := stream.New("observed")
	p.From(source.Generate(3, func(i int64) int64 { return i }), stream.TraceParent(func(int64) string { panic("no header") })).To(sink.Discard[int64]())
	require.NoError(t, p.Run(t.Context()), "nothing is followed")
	err := p.Run(t.Context(), stream.Observe(silentObserver{}), stream.SampleBatches(0))
	require.ErrorContains(t, err, "TraceParent: panic: no header")
	require.ErrorContains(t, err, "source")
	require.PanicsWithValue(t, "stream: source gives int64: TraceParent is for string", func() {
		stream.New("x").From(source.Generate(3, func(i int64) int64 { return i }), stream.TraceParent(func(string) string { return "" }))
	})
	require.Panics(t, func() { stream.SampleBatches(-1) })
	require.Panics(t, func() { stream.Observe(nil) })
}
