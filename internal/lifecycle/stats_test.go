package lifecycle_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// shares are what an operator says that its stage did with its time, in
// milliseconds. They add up to the time since the run began.
func shares(t *testing.T, p *stream.Pipeline, operator string) (busy, idle, pressed int64) {
	t.Helper()
	stats := p.Stats()
	for _, o := range stats.Operators {
		for _, i := range o.Instances {
			require.Equal(t, stats.Elapsed, i.Busy+i.Idle+i.BackPressured, o.Name)
		}
	}
	s, ok := stats.Operator(operator)
	require.True(t, ok)
	return s.Busy.Milliseconds(), s.Idle.Milliseconds(), s.BackPressured.Milliseconds()
}

// running runs a pipeline for a while, and has it looked at after two seconds.
func running(t *testing.T, p *stream.Pipeline, look func(t *testing.T), opts ...stream.RunOption) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		done := make(chan error)
		go func() { done <- p.Run(ctx, opts...) }()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		look(t)
		<-done
	})
}

// A source that waits is idle, also while it still does.
func TestWaitingSourceIsIdle(t *testing.T) {
	for name, src := range map[string]*scripted{
		"nothing yet":           {waits: true, parts: [][]act{nil}},
		"nothing any more":      {waits: true, parts: [][]act{row(0, 10, 1)}},
		"does not say it waits": {parts: [][]act{row(0, 10, 1)}},
		"now and then":          {waits: true, parts: [][]act{{after(900*ms, gives(0, 1)), after(900*ms, gives(0, 2)), after(10*time.Second, gives(0, 3))}}},
		"a full batch":          {waits: true, parts: [][]act{{after(1900*ms, gives(0, 1, 2, 3, 4))}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := stream.New("stats")
			p.From(src).To(sink.Discard[event]())
			running(t, p, func(t *testing.T) {
				busy, idle, pressed := shares(t, p, "source")
				require.Zero(t, pressed)
				require.Zero(t, busy)
				require.EqualValues(t, 2000, idle)
			}, stream.BatchSize(4), stream.Shards(1))
		})
	}
}

// One that decodes what is there is busy, and so is one that others work for.
func TestWorkingSourceIsBusy(t *testing.T) {
	decodes := func(part int, at ...int) act {
		return func(ctx context.Context, b *stream.Intake[event]) error {
			time.Sleep(300 * time.Microsecond) // of the bubble: it stands for work
			return gives(part, at...)(ctx, b)
		}
	}
	var all []act
	for i := range 20_000 {
		all = append(all, decodes(0, i, i, i, i))
	}
	p := stream.New("stats")
	p.From(&scripted{waits: true, parts: [][]act{all}}).To(sink.Discard[event]())
	running(t, p, func(t *testing.T) {
		busy, idle, _ := shares(t, p, "source")
		require.Zero(t, idle)
		require.InDelta(t, 2000, busy, 1)
	}, stream.BatchSize(4), stream.Shards(1))

	p = stream.New("stats")
	p.From(&scripted{waits: true, parts: [][]act{{after(500*ms, gives(0, 1))}}}).Map(slowly(time.Second)).To(sink.Discard[event]())
	running(t, p, func(t *testing.T) {
		busy, idle, _ := shares(t, p, "source")
		require.EqualValues(t, 1000, busy)
		require.EqualValues(t, 1000, idle)
	}, stream.Shards(1))
}

// Who waits for an inbox or for room in one says so while it does.
func TestStagesInTheMiddle(t *testing.T) {
	p := stream.New("stats")
	p.From(&scripted{waits: true, parts: [][]act{row(0, 1000, 1)}}).Rebalance(stream.Name("spread")).Map(slowly(time.Hour)).To(sink.Discard[event]())
	running(t, p, func(t *testing.T) {
		busy, idle, pressed := shares(t, p, "spread")
		require.InDelta(t, 2000, busy, 1)
		require.Zero(t, idle+pressed)
		_, _, pressed = shares(t, p, "source")
		require.EqualValues(t, 2000, pressed)
	}, stream.Shards(1), stream.BatchSize(1), stream.StopTimeout(ms))

	p = stream.New("stats")
	p.From(&scripted{ends: true, parts: [][]act{row(0, 10, 1)}}).Rebalance(stream.Name("spread")).To(sink.Discard[event]())
	p.From(&scripted{waits: true, parts: [][]act{nil}}).To(sink.Discard[event]())
	running(t, p, func(t *testing.T) {
		_, idle, _ := shares(t, p, "spread")
		require.EqualValues(t, 2*2000, idle, "of two shards, which wait for the last checkpoint")
	}, stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), time.Hour))
}
