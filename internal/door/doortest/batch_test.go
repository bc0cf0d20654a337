package doortest_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A clocked operator acts by the clock.
type clocked struct{}

func (clocked) Process(*stream.Batch[tick], *stream.Emitter[tick]) error { return nil }
func (clocked) Wake() (time.Time, bool)                                  { return time.Time{}, false }
func (clocked) Tick(time.Time, *stream.Emitter[tick]) error              { return nil }

// What goes by the clock is refused in a batch, by its name; what the plan tells of sources and sinks is for the engine to say.
func TestBatchRefused(t *testing.T) {
	one := func(p *stream.Pipeline) stream.Stream[tick] {
		return timed(p, [][]tick{{{ID: 1}}, {{ID: 2}}})
	}
	for name, x := range map[string]struct {
		build func(p *stream.Pipeline)
		wants string
	}{
		"early panes": {func(p *stream.Pipeline) {
			one(p).KeyBy(tick.key).Window(window.Tumbling(time.Minute, window.EarlyEvery(time.Second)), stream.Name("minutes")).Count().Map(pane).To(&ledger{})
		}, "stream: aggregate cannot be run by another engine: its windows show early panes by the clock, and in a batch nothing is done by the clock"},
		"a ticker": {func(p *stream.Pipeline) {
			one(p).Apply(func(*stream.OperatorContext) (stream.Processor[tick, tick], error) { return clocked{}, nil }, stream.Name("clocked")).
				Map(func(t tick) string { return "" }).To(&ledger{})
		}, "clocked cannot be run by another engine: its Tick is called by the clock"},
		"event time behind an exchange": {func(p *stream.Pipeline) {
			p.From(source.Slice([]tick{{ID: 1}}, []tick{{ID: 2}})).Rebalance().EventTime(tick.time, stream.Name("times")).Map(func(t tick) string { return "" }).To(&ledger{})
		}, "stream: times cannot be run by another engine: it stands behind an exchange"},
		"a timer": {func(p *stream.Pipeline) {
			one(p).KeyBy(tick.key).Process(func(c *stream.KeyContext[int, int, string], _ tick) error {
				c.SetClockTimer(time.Now())
				return nil
			}, func(*stream.KeyContext[int, int, string]) error { return nil }, stream.Name("alarms")).To(&ledger{})
		}, "stream: alarms at"},
	} {
		build := func() any {
			p := stream.New("refused")
			x.build(p)
			return p
		}
		err := doortest.Batch{Config: door.Config{Shards: 2, Batch: 10}}.Run(t.Context(), build)
		require.ErrorContains(t, err, x.wants, name)
		require.ErrorContains(t, err, "in a batch ", name)
	}

	p := stream.New("told")
	p.From(source.Generate(source.Unbounded, func(i int64) tick { return tick{} }), stream.Name("for ever")).To(sink.Discard[tick](), stream.Name("gone"))
	one(p).Map(func(t tick) string { return "" }).To(&ledger{}, stream.Name("kept"))
	plan, err := door.Describe(t.Context(), p, door.Config{Shards: 2, Batch: 10, Bounded: true})
	require.NoError(t, err)
	require.Equal(t, []string{"gone"}, plan.Uncommitted)
	require.True(t, plan.Stages[0].Endless)
	require.False(t, plan.Stages[1].Endless)
}

// A hoarder is a ledger whose writers ask for a checkpoint when they have three rows, and allow no more than so many.
type hoarder struct {
	*ledger
	most int
}

func (h hoarder) Open(c *stream.SinkContext) (stream.Writer[string], error) {
	w, err := h.ledger.Open(c)
	return hoarding{w.(*ledgerWriter), h, c.Checkpoint}, err
}

type hoarding struct {
	*ledgerWriter
	hoarder
	ask func()
}

func (w hoarding) Write(ctx context.Context, b *stream.Batch[string]) error {
	if err := w.ledgerWriter.Write(ctx, b); err != nil {
		return err
	}
	if len(w.held) >= 3 {
		w.ask()
	}
	if len(w.held) > w.most {
		return fmt.Errorf("%d rows are held", len(w.held))
	}
	return nil
}

func (w hoarding) Flush(ctx context.Context) error             { return w.ledgerWriter.Flush(ctx) }
func (w hoarding) Prepare(ctx context.Context) ([]byte, error) { return w.ledgerWriter.Prepare(ctx) }
func (w hoarding) Close() error                                { return w.ledgerWriter.Close() }

// A sink that asks for a checkpoint as it has much is heard, and all of it is committed together. A batch that is run again adds its
// rows, also behind another sink's number.
func TestBatchCommits(t *testing.T) {
	var parts [2][]tick
	for i := range 100 {
		parts[i%2] = append(parts[i%2], tick{ID: i})
	}
	for _, spread := range []bool{false, true} {
		books := &ledger{marked: 7}
		build := func() any {
			p := stream.New("twice")
			in := timed(p, parts[:])
			if spread {
				in = in.Rebalance()
			}
			in.Map(func(t tick) string { return fmt.Sprintf("%03d", t.ID) }).To(hoarder{books, 7})
			return p
		}
		b := doortest.Batch{Config: door.Config{Shards: 2, Batch: 5}, Twice: true}
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprintf("%03d", i))
		}
		require.NoError(t, b.Run(t.Context(), build))
		require.Equal(t, int64(8), books.marked)
		require.Equal(t, want, sorted(books.rows))
		require.NoError(t, b.Run(t.Context(), build))
		require.Equal(t, int64(9), books.marked)
		require.Equal(t, sorted(append(want, want...)), sorted(books.rows))
	}
}

// lanes are what instances in front of another one tell it.
type lanes struct {
	frames   int
	advances []int64
}

func (l *lanes) Send(int, int, []byte) error { l.frames++; return nil }
func (l *lanes) Advance(_, _ int, wm int64) error {
	l.advances = append(l.advances, wm)
	return nil
}

// An Output is told of watermarks in a batch, up to the end of time, and not in a stream.
func TestAdvance(t *testing.T) {
	for _, bounded := range []bool{false, true} {
		p := stream.New("lanes")
		timed(p, [][]tick{{{ID: 1, At: 100}, {ID: 2, At: 200}}}).Rebalance().Map(func(t tick) string { return "" }).To(&ledger{})
		plan, err := door.Describe(t.Context(), p, door.Config{Shards: 1, Batch: 1, Bounded: bounded})
		require.NoError(t, err)
		var l lanes
		inst, err := door.Open(p, door.Opening{Plan: plan, Stage: plan.Stages[0].ID, Partitions: plan.Stages[0].Partitions, Output: &l})
		require.NoError(t, err)
		for done := false; !done; {
			done, err = inst.Step()
			require.NoError(t, err)
		}
		require.NoError(t, inst.Close())
		require.Positive(t, l.frames)
		if !bounded {
			require.Empty(t, l.advances)
			continue
		}
		require.IsIncreasing(t, l.advances)
		require.Equal(t, int64(math.MaxInt64), l.advances[len(l.advances)-1])
	}
}
