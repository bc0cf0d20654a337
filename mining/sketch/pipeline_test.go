package sketch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/sketch"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// TestPipeline has aggregators in a pipeline that is killed and goes on from a checkpoint with other shards: its panes are those of an
// unbroken run with one shard.
func TestPipeline(t *testing.T) {
	inPipeline(t, "distinct", sketch.Distinct(Visit.UserName))
	inPipeline(t, "topk", sketch.TopK(Visit.UserName, 3, sketch.Counters(2000)))
	inPipeline(t, "quantiles", sketch.Quantiles(Visit.Duration, 0.1, 0.5, 0.99))
	inPipeline(t, "sample", sketch.Sample[Visit](5, sketch.Seed(3)))
	inPipeline(t, "sample by", sketch.SampleBy(Visit.Duration, 5, sketch.Seed(3)))
	inPipeline(t, "sample recent", sketch.SampleRecent[Visit](time.Second, 5))
	inPipeline(t, "set", asked[*sketch.Theta, string]{sketch.Set(Visit.UserName, sketch.Nominal(64)), func(s *sketch.Theta) string { return s.Estimate().String() }})
	inPipeline(t, "frequency", asked[*sketch.CountMin, uint64]{sketch.Frequency(Visit.UserName, sketch.Width(64)), func(c *sketch.CountMin) uint64 { return c.Count(sketch.Hash("user17")) }})
	inPipeline(t, "membership", asked[*sketch.Bloom, bool]{sketch.Membership(Visit.UserName, 1000, 0.01), func(b *sketch.Bloom) bool { return b.Has(sketch.Hash("user17")) }})
	// Few enough to be exact: ranks of many depend on the order of events.
	inPipeline(t, "ranks", sketch.Ranks(Visit.Duration, []float64{0, 0.5, 1}, sketch.Nominal(4000)))
}

// asked is an aggregator whose result is what it answers to a question.
type asked[S, R any] struct {
	window.Aggregator[Visit, S, S]
	ask func(S) R
}

func (a asked[S, R]) Result(acc S) R { return a.ask(acc) }

func inPipeline[A, R any](t *testing.T, name string, agg window.Aggregator[Visit, A, R]) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	all := make([]Visit, 4000)
	for i := range all {
		all[i] = Visit{fmt.Sprint("user", r.IntN(1000)), []string{"/", "/cart", "/pay"}[r.IntN(3)], r.ExpFloat64() * 60}
	}
	begin := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	run := func(store checkpoint.Store, shards []int) (panes []string) {
		in := streamtest.NewInput[Visit](1)
		var out *streamtest.Output[stream.Pane[string, R]]
		build := func() *stream.Pipeline {
			p := stream.New("sketches")
			panes := p.From[Visit](in).KeyBy(Visit.PageName).Window(window.Tumbling(time.Minute)).Aggregate(agg)
			out = streamtest.Collect(panes)
			return p
		}
		take := func() {
			for _, p := range out.Take() {
				panes = append(panes, fmt.Sprintf("%v %v %v", p.Key, p.Start, p.Value))
			}
		}
		d := streamtest.Start(t, build(), streamtest.Shards(shards[0]), streamtest.Checkpoints(store))
		for i, v := range all {
			in.PushAt(begin.Add(time.Duration(i)*30*time.Millisecond), v)
			if i%1000 == 999 && len(shards) > 1 {
				d.Settle()
				d.Checkpoint()
				take()
				d.Kill()
				d = streamtest.Start(t, build(), streamtest.Shards(shards[i/1000%len(shards)]), streamtest.Checkpoints(store))
			}
		}
		in.End()
		d.Settle()
		take()
		slices.Sort(panes)
		return panes
	}
	want := run(checkpoint.Memory(), []int{1})
	require.Len(t, want, 6, name)
	assert.Equal(t, want, run(checkpoint.Memory(), []int{2, 3, 1}), name)
}
